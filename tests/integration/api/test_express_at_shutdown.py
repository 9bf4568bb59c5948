"""What StartSyncExecution answers when the endpoint is to stop before the execution ends."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from pipeline.api.actions.express_executions import start_sync_execution
from pipeline.api.actions.state_machines import create_state_machine
from pipeline.api.call import Call
from pipeline.api.errors import ApiError
from pipeline.engine.engine import Engine
from tasks.celery import create_app
from tests.integration.api.machines import ROLE
from tests.machines import only


def a_call(engine: Engine, **given: Any) -> Call:
    return Call(engine=engine, account_id="000000000000", region="us-east-1", input=given)


@pytest.mark.slow
def test_an_endpoint_that_stops_does_not_wait_for_a_worker(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    definition = json.dumps(only({"Type": "Pass", "End": True}))
    created = create_state_machine(
        a_call(app.engine, name="m", definition=definition, roleArn=ROLE, type="EXPRESS")
    )

    async def run() -> None:
        call = a_call(app.engine, stateMachineArn=created["stateMachineArn"])
        call.ending.set()
        await start_sync_execution(call)

    with pytest.raises(ApiError) as refused:
        asyncio.run(run())
    assert refused.value.code == "ServiceUnavailableException"
    app.close_engine()
