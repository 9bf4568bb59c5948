"""The tables of the ledger.

Times are seconds since the epoch. ``LargeBinary`` columns hold packed values (see ``payloads``):
the ledger never looks inside them.
"""

from typing import Any

from sqlalchemy import (
    JSON,
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
    func,
    text,
)

metadata = MetaData()

RUNNING = "phase NOT IN ('ABORTED', 'FAILED', 'SUCCEEDED', 'TIMED_OUT')"
FAILED = "phase IN ('FAILED', 'TIMED_OUT')"
WAITING = f"lane IS NULL AND fan_out_id IS NOT NULL AND {RUNNING}"
OPEN = "status = 'RUNNING'"
WITH_DEADLINE = f"{OPEN} AND deadline_at IS NOT NULL"


def _index_where(name: str, condition: str, *columns: Column[Any]) -> Index:
    """An index of the rows that meet a condition."""
    where = text(condition)
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


def _index_where_given(name: str, *columns: Column[Any], unique: bool = False) -> Index:
    """An index without the many rows whose first column is null."""
    given = columns[0].is_not(None)
    return Index(name, *columns, unique=unique, sqlite_where=given, postgresql_where=given)


RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""SQLite assigns row numbers only to a column whose type is exactly INTEGER."""

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
    Column("revision_id", Text, comment="the state machine's, unless it runs a bare definition"),
    Column("trace_header", Text, comment="of X-Ray, as the start gave it"),
    Column("redrive_count", Integer, nullable=False),
    Column("redriven_at", Double, comment="when it was last redriven"),
    Column("caller_frame_id", Text, comment="the frame whose Task state has started it"),
    Column("caller_version", Integer, comment="of that frame when it made the call last"),
    Column("caller_call", Text, comment="which of that frame's calls has started it"),
    Column("is_awaited", Boolean, nullable=False, comment="whether that frame waits for its end"),
    Column("look_at", Double, comment="when to stop it, or to tell its caller that it has ended"),
)

listed_at = func.coalesce(
    executions.c.stopped_at, executions.c.redriven_at, executions.c.started_at
)
"""The time by which executions are listed (API reference: "ListExecutions")."""

Index("executions_by_machine", executions.c.machine_arn, listed_at, executions.c.id)
# With the status in the index, SQLite counts executions without reading the rows.
_index_where("executions_open", OPEN, executions.c.machine_arn, executions.c.status)
_index_where("executions_with_deadline", WITH_DEADLINE, executions.c.deadline_at)

_index_where_given("executions_of_callers", executions.c.caller_frame_id)
_index_where_given("executions_to_look_at", executions.c.look_at)

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
    Column("wake_ups", Integer, nullable=False, comment="how often the sweeper did so since"),
    Column("losses", Integer, nullable=False, comment="workers lost with this call since"),
    Column("item_count", Integer, nullable=False, comment="items that it works on: of a batch"),
    Column("activity_arn", Text, comment="the activity whose workers its task is offered to"),
    Column("offered_at", Double, comment="when the task was offered"),
    Column("heard_at", Double, comment="when the holder of its token last sent a heartbeat"),
    Column("redrive_count", Integer, nullable=False),
    UniqueConstraint("fan_out_id", "lane", "turn", name="one_frame_a_turn"),
)
_index_where_given("frames_to_wake", frames.c.wake_at)
_index_where_given("frames_claimed", frames.c.claimed_by)
_index_where_given("frames_offered", frames.c.activity_arn, frames.c.offered_at)
Index("frames_of_execution", frames.c.execution_id)
# A fan-out may have a million children. These indexes find those that run and those that failed
# without reading the others. The conditions spell the phases as literals, like those of the
# statements, because the databases do not match a condition with parameters to a partial index. The
# indexes hold every column that the statements need, because SQLite would otherwise choose the
# index of unique turns.
_index_where(
    "frames_running",
    RUNNING,
    frames.c.fan_out_id,
    frames.c.phase,
    frames.c.lane,
    frames.c.turn,
)
_index_where("frames_failed", FAILED, frames.c.fan_out_id, frames.c.phase, frames.c.item_count)
# Children that wait for a redrive to begin them again.
_index_where("frames_waiting", WAITING, frames.c.fan_out_id, frames.c.position)

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
    Column("tolerated_count", BigInteger, nullable=False),
    Column("tolerated_percentage", Double, nullable=False),
    Column("pre_snapshot", LargeBinary),
    Column("results", LargeBinary),
    Column("post_snapshot", LargeBinary),
    Column("is_read", Boolean, nullable=False, comment="whether total is known"),
    Column("reader", LargeBinary, comment="plan of reading the items"),
    Column("batching", LargeBinary, comment="plan of batching the items"),
    Column("item_count", Integer, comment="items of all children, where these are batches"),
    Column("failures", Integer, nullable=False, comment="items that failed, as far as reported"),
    Column("writer", LargeBinary, comment="target of the results"),
    Column("transformation", Text, comment="Transformation of ResultWriter"),
    Column("error", Text, comment="of reading the items or writing the results"),
    Column("cause", Text),
    Column("arn", Text, comment="of the map run of a distributed Map"),
    Column("status", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("stopped_at", Double),
    Column("max_concurrency", Integer, nullable=False, comment="of the state or the map run"),
    Column("width", Integer, comment="lanes that may take items, if that was changed"),
    Column("redrive_count", Integer, nullable=False),
    Column("redriven_at", Double),
    Index("fan_outs_of_frame", "frame_id"),
    Index("fan_outs_of_execution", "execution_id"),
)
_index_where_given("map_runs", fan_outs.c.arn, unique=True)

item_pages = Table(
    "item_pages",
    metadata,
    Column("fan_out_id", Text, primary_key=True),
    Column("first", Integer, primary_key=True, comment="position of its first item"),
    Column("page", LargeBinary, nullable=False, comment="items that were read, or batches"),
)

history = Table(
    "history",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("history_id", Text, nullable=False),
    Column("frame_id", Text, nullable=False),
    Column("parent_id", Text, comment="the frame whose fan-out this frame belongs to"),
    Column("ends", Boolean, nullable=False, comment="whether these are the frame's last events"),
    Column("dead_end", Text, comment="type of the last event, if none of its frame follows it"),
    Column("length", Integer, nullable=False, comment="how many events these are"),
    Column("events", LargeBinary, nullable=False),
    # With the length in the index, a query counts events without reading the rows.
    Index("history_in_order", "history_id", "number", "length"),
)

redrives = Table(
    "redrives",
    metadata,
    Column("execution_id", Text, primary_key=True),
    Column("client_token", Text, primary_key=True),
    Column("redriven_at", Double, nullable=False),
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
    Column("status", Text, nullable=False, comment="the new status of the execution"),
    Column("created_at", Double, nullable=False),
    Index("outbox_of_execution", "execution_id"),
)

activities = Table(
    "activities",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("encryption_configuration", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("activities_of_account", "account_id", "region", "created_at", "arn"),
)

stored_functions = Table(
    "stored_functions",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("version", Text, primary_key=True, comment="$LATEST, or a published one's number"),
    Column("name", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("revision_id", Text, nullable=False, comment="changes with every update"),
    Column("code_sha256", Text, nullable=False, comment="of the zip in the object store"),
    Column("code_size", Integer, nullable=False),
    Column("configuration", JSON, nullable=False, comment="by AWS's names"),
    Column("tags", JSON, nullable=False),
    Column("published", Integer, nullable=False, comment="versions that were ever published"),
    Column("modified_at", Double, nullable=False),
    Index("stored_functions_of_account", "account_id", "region", "name"),
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
    Column("since", Double, nullable=False, comment="there was no gap between sweeps since"),
    Column("last", Double, nullable=False),
)

schema_versions = Table(
    "schema_versions",
    metadata,
    Column("version", Integer, primary_key=True),
)
