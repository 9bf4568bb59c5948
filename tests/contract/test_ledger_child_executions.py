"""What every ledger promises about the child executions of a map run."""

import pytest

from pipeline.frame import Phase
from pipeline.ledger import history
from pipeline.ledger.child_executions import ChildExecution, child_executions
from pipeline.ledger.database import Database
from tests.contract.ledgers import (
    batch_of,
    begin_fan_out,
    child_of,
    database,
    database_url,
    put,
)

__all__ = ["database", "database_url"]  # fixtures


def found(database: Database, fan_out_id: str) -> list[ChildExecution]:
    """The children of a fan-out."""
    with database.reading() as connection:
        return list(child_executions(connection, fan_out_id))


@pytest.mark.parametrize("count", [0, 1, 500, 1100])
def test_every_child_is_found_once_in_order_of_position(database: Database, count: int) -> None:
    _, fan_out = begin_fan_out(database, total=count)
    put(database, *(child_of(fan_out, position) for position in reversed(range(count))))
    assert [child.position for child in found(database, fan_out.id)] == list(range(count))


def test_a_child_comes_with_its_end_and_the_ends_of_its_own_history(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    child_id = f"{fan_out.id}.0"
    child = child_of(
        fan_out, 0, history_id=child_id, phase=Phase.FAILED, error="Error", cause="cause"
    )
    inner = child_of(fan_out, 1, history_id=child_id)
    silent = child_of(fan_out, 2, history_id=f"{fan_out.id}.2", output=b"output")
    put(database, child, silent)
    batches = [batch_of(inner, b"inner first"), batch_of(child, b"first"), batch_of(child, b"2")]
    batches += [batch_of(child, b"last"), batch_of(inner, b"inner last")]
    with database.durable() as connection:
        history.append(connection, batches)
    first, second = found(database, fan_out.id)
    assert first == ChildExecution(
        frame_id=child_id,
        position=0,
        phase=Phase.FAILED,
        output=None,
        error="Error",
        cause="cause",
        first_events=b"first",
        last_events=b"last",
    )
    assert (second.output, second.first_events, second.last_events) == (b"output", None, None)
