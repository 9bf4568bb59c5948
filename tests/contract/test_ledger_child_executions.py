"""What every ledger promises about the child executions of a map run."""

import pytest

from pipeline.interpreter.frame import Phase
from pipeline.ledger import history
from pipeline.ledger.child_executions import (
    PAGE,
    ChildExecution,
    ends_of_histories,
    pages_of_children,
)
from pipeline.ledger.database import Database
from tests.contract.ledgers import (
    batch_of,
    begin_fan_out,
    child_of,
    database,
    put,
)

__all__ = ["database"]  # a fixture


def found(database: Database, fan_out_id: str) -> list[ChildExecution]:
    """The children of a fan-out."""
    with database.reading() as connection:
        return [child for page in pages_of_children(connection, fan_out_id) for child in page]


@pytest.mark.parametrize("count", [0, 1, PAGE, 2 * PAGE + 3])
def test_every_child_is_found_once_in_order_of_position(database: Database, count: int) -> None:
    _, fan_out = begin_fan_out(database, total=count)
    put(database, *(child_of(fan_out, position) for position in reversed(range(count))))
    assert [child.position for child in found(database, fan_out.id)] == list(range(count))


def test_a_child_comes_with_its_end(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    put(
        database,
        child_of(fan_out, 0, phase=Phase.FAILED, error="Error", cause="cause", redrive_count=3),
        child_of(fan_out, 1, phase=Phase.SUCCEEDED, output=b"output"),
    )
    first, second = found(database, fan_out.id)
    assert first == ChildExecution(
        frame_id=f"{fan_out.id}.0",
        position=0,
        phase=Phase.FAILED,
        output=None,
        error="Error",
        cause="cause",
        redrive_count=3,
    )
    assert (second.phase, second.output) == (Phase.SUCCEEDED, b"output")


def test_the_ends_of_a_history_are_those_of_the_child_itself(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    child_id = f"{fan_out.id}.0"
    child = child_of(fan_out, 0, history_id=child_id)
    inner = child_of(fan_out, 1, history_id=child_id)
    batches = [batch_of(inner, b"inner first"), batch_of(child, b"first"), batch_of(child, b"2")]
    batches += [batch_of(child, b"last"), batch_of(inner, b"inner last")]
    with database.durable() as connection:
        history.append(connection, batches)
    with database.reading() as connection:
        ends = ends_of_histories(connection, [child_id, f"{fan_out.id}.2"])
    assert ends == {child_id: (b"first", b"last")}
