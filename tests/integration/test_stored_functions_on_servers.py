"""Functions that were created over the API, in server mode: any worker calls them."""

from pathlib import Path

import pytest

from tests.api_server import api_over
from tests.integration.api.test_lambda_actions import answered, create
from tests.machines import call, each, only
from tests.platforms import server_platform
from tests.server_processes import own_services

WHERE = "import os\ndef handler(event, context):\n    return os.environ['LAMBDA_TASK_ROOT']\n"


@pytest.mark.slow
def test_workers_that_were_running_call_a_function_that_is_created_now(
    tmp_path: Path, s3_server: str
) -> None:
    with (
        own_services(s3_server) as services,
        server_platform(tmp_path, services) as platform,
        api_over(platform) as api,
    ):
        functions = api.client("lambda")
        create(functions, "later", WHERE)
        ended = platform.run(only(each(only(call("later")))), list(range(8)))
        assert len(set(ended.output)) == 1
        # Large payloads and the result of a worker elsewhere come back through the backend.
        create(functions, "large", "def handler(event, context):\n    return event + event\n")
        assert (
            len(answered(functions, "large", Payload='"' + "x" * 500_000 + '"')["Payload"]) == 1e6
        )
        assert answered(functions, "double", Payload="21")["Payload"] == 42
        assert answered(functions, "fail", Payload="1")["FunctionError"] == "Unhandled"
