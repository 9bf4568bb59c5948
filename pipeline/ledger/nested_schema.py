"""The table of frames that wait for an execution which another call has started."""

from sqlalchemy import Column, Integer, Table, Text

from pipeline.ledger.schema import metadata

execution_waiters = Table(
    "execution_waiters",
    metadata,
    Column("frame_id", Text, primary_key=True, comment="of a Task state that waits for the end"),
    Column("version", Integer, nullable=False, comment="of that frame when it made the call"),
    Column("execution_id", Text, nullable=False, comment="that another call started", index=True),
)
