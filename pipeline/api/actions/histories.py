"""The action that reads the history of an execution."""

from pipeline.api.actions.executions import find_any
from pipeline.api.call import Call, Output
from pipeline.api.pagination import Position, read_page
from pipeline.engine.arns import read_execution_arn
from pipeline.executions.history import history_page
from pipeline.language.json_value import JsonObject


def get_execution_history(call: Call) -> Output:
    """Read the events of an execution so far, or of a child execution of a map run."""
    given = call.input
    arn = read_execution_arn(call.account_id, given["executionArn"], express=False)
    row, _ = find_any(call, arn)
    reverse = given.get("reverseOrder", False)

    def fetch(beyond: Position | None, limit: int) -> list[JsonObject]:
        return history_page(
            call.engine,
            row.id,
            limit=limit,
            beyond=None if beyond is None else int(beyond[0]),
            reverse=reverse,
            with_data=given.get("includeExecutionData", True),
        )

    events, token = read_page(
        call,
        ["GetExecutionHistory", arn.text, reverse],
        fetch,
        lambda event: [_number(event)],
    )
    return {"events": events, "nextToken": token}


def _number(event: JsonObject) -> int:
    number = event["id"]
    assert isinstance(number, int)  # noqa: S101 - history events are numbered
    return number
