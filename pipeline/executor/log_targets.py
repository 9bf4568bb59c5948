"""Which part of an execution's history is logged, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engine.engine import Engine
from pipeline.language.history_event import HistoryEvent
from pipeline.ledger.rows import ExecutionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTarget:
    """What of an execution's history is logged, and where.

    Attributes:
        level: ``ALL``, ``ERROR`` or ``FATAL``.
        with_data: Whether inputs and outputs are included.
        group_arn: The log group.
    """

    level: str
    with_data: bool
    group_arn: str


def log_target(engine: Engine, row: ExecutionRow) -> LogTarget | None:
    """What of an execution's history is to be logged, and where; None if nothing is."""
    if row.revision_id is None:
        return None
    configuration = engine.definitions.revision(row.revision_id).logging_configuration
    destinations = configuration.get("destinations")
    if configuration["level"] == "OFF" or not isinstance(destinations, list) or not destinations:
        return None
    (destination, *_) = destinations
    assert isinstance(destination, dict)  # noqa: S101 - as the API has checked it
    group: Any = destination["cloudWatchLogsLogGroup"]
    return LogTarget(
        level=str(configuration["level"]),
        with_data=configuration.get("includeExecutionData") is True,
        group_arn=str(group["logGroupArn"]),
    )


def is_logged_from_now(engine: Engine, row: ExecutionRow, events: Sequence[HistoryEvent]) -> bool:
    """Whether a history that is logged begins with these events."""
    begins = any(event.type == "ExecutionStarted" for event in events)
    return begins and log_target(engine, row) is not None
