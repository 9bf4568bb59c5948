"""Stored functions in processes of their own: results, errors, limits and what they may see."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.integrations.functions import lambda_sandbox
from pipeline.integrations.functions.function import StoredFunction
from pipeline.integrations.functions.lambda_code import FunctionCode
from pipeline.integrations.functions.lambda_context import LambdaContext, lambda_context
from pipeline.integrations.functions.lambda_log import CallLog
from pipeline.integrations.functions.lambda_sandboxes import Sandboxes
from pipeline.language.errors import ExecutionError
from pipeline.payloads.directory import DirectoryStore
from tests.zips import zip_of

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
BOUND = 2

CODE = """
import json, os, signal, subprocess, sys, threading, time
from decimal import Decimal

calls = 0

def echo(event, context):
    global calls
    calls += 1
    return {"event": event, "pid": os.getpid(), "calls": calls}

def fail(event, context):
    print("about to fail")
    raise KeyError(event)

def moody(event, context):
    if event == "angry":
        raise RuntimeError
    return os.getpid()

def told(event, context):
    return {
        "name": context.function_name, "version": context.function_version,
        "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb,
        "request": context.aws_request_id, "left": context.get_remaining_time_in_millis(),
    }

def variables(event, context):
    return dict(os.environ)

def leave(event, context):
    if event < 0:
        os.kill(os.getpid(), -event)
    sys.exit(event)

def sleep(event, context):
    child = subprocess.Popen(["sleep", "600"])
    print(child.pid, flush=True)
    time.sleep(600)

def large(event, context):
    return "x" * event

def strange(event, context):
    return {"number": Decimal("1.5"), "set": {1}} if event else {"number": Decimal("1.5")}

def write(event, context):
    sys.stdout.write("x" * event)
    sys.stderr.write("the end")

def rendezvous(event, context):
    open(event, "w").close()
    while not os.path.exists(event + ".go"):
        time.sleep(0.005)
    return os.getpid()
"""


class Functions:
    """Functions of one zip, called through sandboxes."""

    def __init__(self, directory: Path) -> None:
        self.code = FunctionCode(DirectoryStore(directory / "objects"), directory / "functions")
        self.sandboxes = Sandboxes(self.code, limit=BOUND)
        self.sha256 = self.code.keep(zip_of(CODE))

    def function(self, handler: str, **values: Any) -> StoredFunction:
        """A function of the zip; ``values`` differ from the defaults."""
        given: dict[str, Any] = {
            "name": "f",
            "arn": ARN,
            "version": "$LATEST",
            "revision": "1",
            "code_sha256": self.sha256,
            "runtime": "python3.12",
            "handler": handler if "." in handler else f"index.{handler}",
            "timeout_seconds": 20,
            "memory_mb": 128,
            "environment": (),
            "queue": "q",
        }
        return StoredFunction(**(given | values))

    def call(
        self,
        function: StoredFunction | str,
        event: Any = None,
        *,
        context: LambdaContext | None = None,
        log: CallLog | None = None,
    ) -> Any:
        """Call a function, or the handler of this name."""
        called = self.function(function) if isinstance(function, str) else function
        return self.sandboxes.call(
            called, event, context or told(), log or CallLog("f", "request-1", "$LATEST")
        )

    def error(self, function: StoredFunction | str, event: Any = None) -> tuple[str, Any]:
        """Name and document of the error of a call."""
        with pytest.raises(ExecutionError) as caught:
            self.call(function, event)
        return caught.value.error, json.loads(caught.value.cause or "null")


def told(deadline: float | None = None) -> LambdaContext:
    return lambda_context(
        ARN, request_id="request-1", deadline=deadline, region="-", account_id="-"
    )


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    functions = Functions(tmp_path_factory.mktemp("sandboxes"))
    yield functions
    functions.sandboxes.close()


def test_a_function_runs_outside_this_process(functions: Functions) -> None:
    answer = functions.call("echo", {"é": [1, None, "\ud800"]})
    assert answer["event"] == {"é": [1, None, "\ud800"]}
    assert answer["pid"] != os.getpid()


def test_a_warm_process_is_called_again(functions: Functions) -> None:
    function = functions.function("echo", revision="warm")
    first, second = functions.call(function), functions.call(function)
    assert second["pid"] == first["pid"]
    assert (first["calls"], second["calls"]) == (1, 2)


def test_a_function_that_was_changed_gets_a_process_of_its_own(functions: Functions) -> None:
    before = functions.call(functions.function("echo", revision="before"))
    after = functions.call(functions.function("echo", revision="after"))
    assert after["pid"] != before["pid"]


def test_a_failing_handler_is_told_in_the_document_of_lambdas_runtime(
    functions: Functions,
) -> None:
    error, document = functions.error("fail", "key")
    assert error == "KeyError"
    assert {name: document[name] for name in ("errorMessage", "errorType", "requestId")} == {
        "errorMessage": "'key'",
        "errorType": "KeyError",
        "requestId": "request-1",
    }
    assert len(document["stackTrace"]) == 1
    assert "in fail" in document["stackTrace"][0]


def test_a_process_survives_an_error_of_its_handler(functions: Functions) -> None:
    pid = functions.call("moody", "calm")
    assert functions.error("moody", "angry")[0] == "RuntimeError"
    assert functions.call("moody", "calm") == pid


@pytest.mark.parametrize(
    ("handler", "error", "message"),
    [
        (
            "nowhere.f",
            "Runtime.ImportModuleError",
            "Unable to import module 'nowhere': No module named 'nowhere'",
        ),
        ("index.g", "Runtime.HandlerNotFound", "Handler 'g' missing on module 'index'"),
    ],
)
def test_a_handler_that_is_not_there_has_lambdas_error(
    functions: Functions, handler: str, error: str, message: str
) -> None:
    name, document = functions.error(handler)
    assert (name, document["errorMessage"]) == (error, message)


def test_a_handler_without_a_module_has_lambdas_error(functions: Functions) -> None:
    error, document = functions.error(replace(functions.function("f"), handler="f"))
    assert error == "Runtime.MalformedHandlerName"
    assert document["errorMessage"].startswith("Bad handler 'f'")


@pytest.mark.parametrize(
    ("code", "error"),
    [("def f(:", "Runtime.UserCodeSyntaxError"), ("1 / 0", "ZeroDivisionError")],
)
def test_a_module_that_cannot_be_imported_has_lambdas_error(
    functions: Functions, code: str, error: str
) -> None:
    sha256 = functions.code.keep(zip_of(code))
    assert functions.error(functions.function("f", code_sha256=sha256))[0] == error


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (3, "exit status 3"),
        (-int(signal.SIGKILL), "signal: killed"),
        (-int(signal.SIGSEGV), "signal: segmentation fault"),
    ],
)
def test_a_process_that_ends_is_an_exit_error(
    functions: Functions, event: int, message: str
) -> None:
    assert functions.error("leave", event) == (
        "Runtime.ExitError",
        {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: request-1 Error: Runtime exited with error: {message}",
        },
    )


def test_a_process_that_ends_without_a_reason_says_so(functions: Functions) -> None:
    _, document = functions.error("leave", 0)
    assert document["errorMessage"].endswith("Runtime exited without providing a reason")


def test_a_function_that_takes_too_long_is_killed_with_what_it_started(
    functions: Functions,
) -> None:
    log = CallLog("f", "request-1", "$LATEST")
    function = functions.function("sleep", timeout_seconds=1)
    with pytest.raises(ExecutionError) as caught:
        functions.call(function, log=log)
    assert caught.value.error == "Sandbox.Timedout"
    assert json.loads(caught.value.cause or "") == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: request-1 Error: Task timed out after 1.00 seconds",
    }
    child = int(log.text.splitlines()[1])
    wait_until(lambda: not is_running(child))


def test_the_deadline_of_the_state_comes_before_the_timeout_of_the_function(
    functions: Functions,
) -> None:
    with pytest.raises(ExecutionError) as caught:
        functions.call("sleep", context=told(deadline=time.time() + 0.5))
    assert caught.value.error == "States.Timeout"


def test_the_context_tells_of_the_function_and_the_call(functions: Functions) -> None:
    function = functions.function("told", version="3", memory_mb=512, timeout_seconds=9)
    answer = functions.call(function)
    assert 0 < answer.pop("left") <= 9000
    assert answer == {
        "name": "f",
        "version": "3",
        "arn": ARN,
        "memory": "512",
        "request": "request-1",
    }


def test_a_function_sees_its_own_variables_and_none_of_the_workers_secrets(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STATEBAG_LEDGER_URL", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "PGPASSWORD"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3.example")
    seen = functions.call(
        functions.function("variables", environment=(("COLOUR", "blue"), ("AWS_REGION", "own")))
    )
    assert "secret" not in seen.values()
    assert seen["COLOUR"] == "blue"
    assert seen["AWS_ENDPOINT_URL_S3"] == "http://s3.example"
    assert seen["AWS_REGION"] == seen["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert seen["_HANDLER"] == "index.variables"
    assert Path(seen["LAMBDA_TASK_ROOT"], "index.py").is_file()


def test_keys_are_those_that_the_function_brings(functions: Functions) -> None:
    brought = (("AWS_ACCESS_KEY_ID", "own"), ("AWS_SECRET_ACCESS_KEY", "own"))
    seen = functions.call(functions.function("variables", environment=brought))
    assert seen["AWS_ACCESS_KEY_ID"] == "own"


def test_decimals_are_numbers_and_other_objects_are_no_result(functions: Functions) -> None:
    assert functions.call("strange", False) == {"number": 1.5}
    error, document = functions.error("strange", True)
    assert error == "Runtime.MarshalError"
    assert "Object of type set is not JSON serializable" in document["errorMessage"]


def test_a_result_beyond_lambdas_limit_is_an_error(functions: Functions) -> None:
    limit = lambda_sandbox.MAX_RESULT
    assert len(functions.call("large", limit - 2)) == limit - 2
    error, document = functions.error("large", limit - 1)
    assert error == "Function.ResponseSizeTooLarge"
    assert document["errorMessage"] == (
        f"Response payload size ({limit + 1} bytes) exceeded maximum allowed payload size "
        f"({limit} bytes)."
    )


def test_the_log_ends_with_what_the_function_wrote_last(functions: Functions) -> None:
    log = CallLog("f", "request-1", "$LATEST")
    functions.call("write", 500_000, log=log)
    assert "xxxthe end\nEND RequestId: request-1\nREPORT RequestId: request-1\t" in log.text
    assert len(log.text) == 4096


def test_the_log_of_a_call_begins_with_its_start(functions: Functions) -> None:
    log = CallLog("f", "request-1", "7")
    with pytest.raises(ExecutionError):
        functions.call("fail", log=log)
    lines = log.text.splitlines()
    assert lines[:3] == [
        "START RequestId: request-1 Version: 7",
        "about to fail",
        "[ERROR] KeyError: None",
    ]


def test_calls_beyond_the_bound_wait_for_a_free_process(
    functions: Functions, tmp_path: Path
) -> None:
    names = [tmp_path / f"call{number}" for number in range(BOUND + 1)]
    pids: list[int] = []
    threads = [
        threading.Thread(
            target=lambda name=name: pids.append(functions.call("rendezvous", str(name)))
        )
        for name in names
    ]
    for thread in threads[:BOUND]:
        thread.start()
    for name in names[:BOUND]:
        wait_until(name.exists)
    threads[BOUND].start()
    with pytest.raises(ExecutionError) as caught:  # there is no free one in its time
        functions.call("echo", context=told(deadline=time.time() + 0.05))
    assert caught.value.error == "Lambda.TooManyRequestsException"
    assert not names[BOUND].exists()
    for name in names:
        Path(f"{name}.go").touch()
    for thread in threads:
        thread.join()
    assert len(pids) == BOUND + 1
    assert len(set(pids)) == BOUND


def test_an_idle_process_gives_way_to_another_function(functions: Functions) -> None:
    pids = {functions.call(functions.function("echo", revision=f"r{n}"))["pid"] for n in range(4)}
    assert len(pids) == 4
    wait_until(lambda: sum(map(is_running, pids)) <= BOUND)


def test_a_process_that_has_died_while_it_was_idle_is_not_called(functions: Functions) -> None:
    pid = functions.call("echo")["pid"]
    os.kill(pid, signal.SIGKILL)
    # Until its last thread is gone; the record of its end stays for whom it concerns.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert functions.call("echo")["pid"] != pid


def test_code_that_cannot_be_had_is_lambdas_error_and_takes_no_place(
    functions: Functions,
) -> None:
    lost = functions.function("echo", code_sha256="0" * 64)
    for _ in range(BOUND + 1):
        with pytest.raises(ExecutionError) as caught:
            functions.call(lost)
        assert caught.value.error == "Lambda.ServiceException"
    assert functions.call("echo", 1)["event"] == 1


def test_a_process_ends_with_its_worker(tmp_path: Path) -> None:
    program = f"""
import os, sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from tests.unit.integrations.functions.test_sandboxes import Functions
functions = Functions(Path({str(tmp_path)!r}))
print(functions.call("echo")["pid"], flush=True)
os._exit(0)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    pid = int(ended.stdout)
    wait_until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Whether there is a process that is more than a record of its end."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
