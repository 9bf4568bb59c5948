"""The tables of state machines, their revisions, versions, aliases and tags."""

from sqlalchemy import JSON, Boolean, Column, Double, Index, Integer, Table, Text, UniqueConstraint

from pipeline.ledger.schema import metadata

state_machines = Table(
    "state_machines",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("revision_id", Text, nullable=False, comment="its newest revision"),
    Column("latest_version", Integer, nullable=False, comment="0 before one is published"),
    Column("created_at", Double, nullable=False),
    Index("state_machines_of_account", "account_id", "region", "created_at", "arn"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("machine_arn", Text, nullable=False),
    Column("definition_id", Text, nullable=False),
    Column("role_arn", Text, nullable=False),
    Column("logging_configuration", JSON, nullable=False),
    Column("tracing_enabled", Boolean, nullable=False),
    Column("encryption_configuration", JSON, nullable=False),
    Column("is_initial", Boolean, nullable=False, comment="whether the machine began with it"),
    Column("created_at", Double, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("machine_arn", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("revision_id", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("machine_arn", "number", name="one_version_a_number"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("machine_arn", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("routing", JSON, nullable=False, comment="array of [version ARN, weight]"),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Index("aliases_of_machine", "machine_arn", "created_at"),
)

tags = Table(
    "tags",
    metadata,
    Column("resource_arn", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
