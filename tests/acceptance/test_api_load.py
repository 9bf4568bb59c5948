"""Two hundred clients of one endpoint at once: nothing is lost, everybody gets an answer."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sqlalchemy import func, select

from pipeline.api.actions.table import ACTIONS
from pipeline.ledger.rows import ExecutionStatus
from pipeline.ledger.schema import executions
from tests.api_server import Api
from tests.integration.api.endpoints import endpoint
from tests.integration.api.machines import create

CLIENTS = 200
EACH = 20

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("request_limit", [500, 50])
@pytest.mark.parametrize("ledger", ["sqlite", "postgresql"])
def test_two_hundred_clients_start_twenty_executions_each(
    request: pytest.FixtureRequest, tmp_path: Path, ledger: str, request_limit: int
) -> None:
    settings: dict[str, Any] = {"api_request_limit": request_limit}
    if ledger == "postgresql":
        settings["ledger_url"] = request.getfixturevalue("postgres_url")
    with endpoint(tmp_path, ACTIONS, **settings) as api:
        client = api.client("stepfunctions", max_pool_connections=CLIENTS)
        arn = create(client)["stateMachineArn"]
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as threads:
            answers = [
                answer
                for answers in threads.map(
                    lambda number: _starts(client, arn, number), range(CLIENTS)
                )
                for answer in answers
            ]
        took = time.monotonic() - began
        started = {answer for answer in answers if answer.startswith("arn:")}
        refused = Counter(answer for answer in answers if not answer.startswith("arn:"))
        print(f"{ledger}: {len(started) / took:.0f} starts/s, refused {dict(refused)}")  # noqa: T201
        assert len(answers) == CLIENTS * EACH
        assert len(started) + refused.total() == CLIENTS * EACH
        assert set(refused) <= {"ThrottlingException"}
        assert started == _arns(api, arn)
        if request_limit > CLIENTS:
            assert not refused


def _starts(client: Any, arn: str, number: int) -> list[str]:
    """What one client is answered: the ARNs of its executions, or the codes of the refusals."""
    answers = []
    for count in range(EACH):
        try:
            started = client.start_execution(stateMachineArn=arn, name=f"{number}-{count}")
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
        else:
            answers.append(started["executionArn"])
    return answers


def _arns(api: Api, machine_arn: str) -> set[str]:
    """The executions that the ledger knows, all of which have succeeded."""
    statement = select(executions.c.arn).where(
        executions.c.machine_arn == machine_arn,
        executions.c.status == ExecutionStatus.SUCCEEDED,
    )
    with api.engine.database.reading() as connection:
        arns = connection.scalars(statement).all()
        assert connection.scalar(select(func.count()).select_from(executions)) == len(arns)
    return set(arns)
