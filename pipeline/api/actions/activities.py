"""Actions on activities."""

import asyncio

from pipeline.api.actions.tags import read_tags
from pipeline.api.call import Call, Output
from pipeline.api.configurations import read_encryption
from pipeline.api.pagination import Position, read_page
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import read_activity_arn
from pipeline.engine.names import check_name
from pipeline.executions import activities
from pipeline.executions.activities import UNENCRYPTED, ActivityTask
from pipeline.language.json_value import dumps
from pipeline.ledger import activities as rows
from pipeline.ledger.activities import ActivityRow

LONG_POLL_SECONDS = 60.0
"""How long GetActivityTask waits for a task."""


def create_activity(call: Call) -> Output:
    """Create an activity, or return the existing one of this name."""
    given = call.input
    check_name(given["name"])
    encryption = given.get("encryptionConfiguration")
    with as_api_errors():
        row = activities.create_activity(
            call.engine,
            name=given["name"],
            region=call.region,
            account_id=call.account_id,
            encryption_configuration=read_encryption(encryption) if encryption else UNENCRYPTED,
            tags=read_tags(given.get("tags", [])),
        )
    return {"activityArn": row.arn, "creationDate": row.created_at}


def describe_activity(call: Call) -> Output:
    """Describe an activity."""
    row = _find(call)
    return _listed(row) | {"encryptionConfiguration": row.encryption_configuration}


def delete_activity(call: Call) -> Output:
    """Delete an activity; do nothing if it does not exist."""
    activities.delete_activity(call.engine, _arn(call))
    return {}


def list_activities(call: Call) -> Output:
    """List the caller's activities."""

    def fetch(after: Position | None, limit: int) -> list[ActivityRow]:
        with call.engine.database.reading() as connection:
            return rows.list_activities(
                connection, call.account_id, call.region, after=after, limit=limit
            )

    page, token = read_page(call, ["ListActivities"], fetch, lambda row: [row.created_at, row.arn])
    return {"activities": [_listed(row) for row in page], "nextToken": token}


async def get_activity_task(call: Call) -> Output:
    """Wait for a task of an activity."""
    row = await asyncio.to_thread(_find, call)
    task = await _until_ending(call, row.arn)
    return {} if task is None else {"taskToken": task.token, "input": dumps(task.input)}


async def _until_ending(call: Call, arn: str) -> ActivityTask | None:
    name = call.input.get("workerName")
    poll = asyncio.ensure_future(activities.await_task(call.engine, arn, name, LONG_POLL_SECONDS))
    ending = asyncio.ensure_future(call.ending.wait())
    try:
        await asyncio.wait({poll, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.cancel()
        poll.cancel()  # which does nothing to a poll that has ended
    try:
        with as_api_errors():
            return await poll
    except asyncio.CancelledError:
        return None


def _arn(call: Call) -> str:
    return read_activity_arn(call.account_id, call.input["activityArn"]).text


def _find(call: Call) -> ActivityRow:
    with as_api_errors():
        return activities.find_activity(call.engine, _arn(call))


def _listed(row: ActivityRow) -> Output:
    return {"activityArn": row.arn, "name": row.name, "creationDate": row.created_at}
