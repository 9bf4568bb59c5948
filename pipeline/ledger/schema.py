"""The tables of the ledger.

Times are seconds since the epoch. ``LargeBinary`` columns hold packed values (see ``payloads``):
the ledger never looks inside them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only for a column whose type is exactly INTEGER."""

definitions = Table(
    "definitions",
    metadata,
    Column("id", Text, primary_key=True, comment="SHA-256 of the document"),
    Column("document", Text, nullable=False),
)

executions = Table(
    "executions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("arn", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("machine_arn", Text, nullable=False),
    Column("machine_name", Text, nullable=False),
    Column("definition_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("input", LargeBinary, nullable=False),
    Column("output", LargeBinary),
    Column("error", Text),
    Column("cause", Text),
    Column("started_at", Double, nullable=False),
    Column("stopped_at", Double),
    Column("deadline_at", Double, comment="when TimeoutSeconds of the machine ends it"),
    Column("version_arn", Text, comment="the published version it runs"),
    Column("alias_arn", Text, comment="the alias it was started by"),
    Index("executions_by_machine", "machine_arn", "started_at"),
    Index("executions_by_start", "started_at"),
)

frames = Table(
    "frames",
    metadata,
    Column("id", Text, primary_key=True, comment="the execution's id, or fan-out id.position"),
    Column("execution_id", Text, nullable=False),
    Column("history_id", Text, nullable=False, comment="the (child) execution it is history of"),
    Column("fan_out_id", Text),
    Column("position", Integer),
    Column("lane", Integer),
    Column("turn", Integer, comment="how many items its lane took before it"),
    Column("version", Integer, nullable=False),
    Column("phase", Text, nullable=False),
    Column("body", LargeBinary, comment="null until the first transition"),
    Column("output", LargeBinary),
    Column("error", Text),
    Column("cause", Text),
    Column("claimed_by", Text, comment="the worker that runs its function"),
    Column("wake_at", Double, comment="when the sweeper wakes it, unless it moves before"),
    Column("wake_ups", Integer, nullable=False, comment="how often the sweeper did since"),
    Column("losses", Integer, nullable=False, comment="workers lost with this call since"),
    UniqueConstraint("fan_out_id", "lane", "turn", name="one_frame_a_turn"),
)
Index(
    "frames_to_wake",
    frames.c.wake_at,
    sqlite_where=frames.c.wake_at.is_not(None),
    postgresql_where=frames.c.wake_at.is_not(None),
)
Index(
    "frames_claimed",
    frames.c.claimed_by,
    sqlite_where=frames.c.claimed_by.is_not(None),
    postgresql_where=frames.c.claimed_by.is_not(None),
)
Index("frames_of_execution", frames.c.execution_id)

fan_outs = Table(
    "fan_outs",
    metadata,
    Column("id", Text, primary_key=True, comment="frame id-version of the frame that fanned out"),
    Column("frame_id", Text, nullable=False),
    Column("execution_id", Text, nullable=False),
    Column("history_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("lanes", Integer, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("shared", LargeBinary, nullable=False, comment="items of a Map, input of branches"),
    Column("group_id", Text, comment="of the chord, once one of its lanes has begun"),
    Column("seat", LargeBinary, nullable=False, comment="the seat of the frame that fanned out"),
    Column("tolerated_count", Integer, nullable=False),
    Column("tolerated_percentage", Double, nullable=False),
    Column("pre_snapshot", LargeBinary),
    Column("results", LargeBinary),
    Column("post_snapshot", LargeBinary),
    Column("is_read", Boolean, nullable=False, comment="whether total is known"),
    Column("item_pages", LargeBinary, comment="where the items that were read lie"),
    Column("writer", LargeBinary, comment="where the results are to be written"),
    Column("error", Text, comment="of reading the items or writing the results"),
    Column("cause", Text),
    Index("fan_outs_of_frame", "frame_id"),
    Index("fan_outs_of_execution", "execution_id"),
)

history = Table(
    "history",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("history_id", Text, nullable=False),
    Column("frame_id", Text, nullable=False),
    Column("parent_id", Text, comment="the frame whose fan-out this frame belongs to"),
    Column("ends", Boolean, nullable=False, comment="whether these are the frame's last events"),
    Column("events", LargeBinary, nullable=False),
    Index("history_in_order", "history_id", "number"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("heartbeat_at", Double, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("execution_id", Text, nullable=False),
    Column("status", Text, nullable=False, comment="that the execution has come to"),
    Column("created_at", Double, nullable=False),
    Index("outbox_of_execution", "execution_id"),
)

state_machines = Table(
    "state_machines",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("definition_id", Text, nullable=False),
    Column("latest_version", Integer, nullable=False, comment="0 before one is published"),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("machine_arn", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("definition_id", Text, nullable=False),
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
    Column("routing", Text, nullable=False, comment="JSON array of [version ARN, weight]"),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
)

local_tables = Table(
    "local_tables",
    metadata,
    Column("name", Text, primary_key=True),
    Column("key_names", Text, nullable=False, comment="JSON array"),
)

local_items = Table(
    "local_items",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("key", Text, primary_key=True, comment="JSON object of the key attributes"),
    Column("item", Text, nullable=False, comment="JSON object of attribute values"),
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", Integer, primary_key=True, comment="the one row has id 1"),
    Column("since", Double, nullable=False, comment="sweeps have come without a gap since"),
    Column("last", Double, nullable=False),
)

schema_versions = Table(
    "schema_versions",
    metadata,
    Column("version", Integer, primary_key=True),
)
