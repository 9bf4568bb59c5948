"""Python functions: the event, the result, and every way to fail, as Lambda's runtime has them."""

import json

import pytest

from pipeline.integrations.functions.calling import call
from pipeline.integrations.functions.function import PythonFunction
from pipeline.integrations.functions.lambda_context import LambdaContext, lambda_context
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json

HANDLERS = "tests.unit.integrations.functions.sample_handlers"


def context(deadline: float | None = None, reference: str = "sample:live") -> LambdaContext:
    return lambda_context(
        reference,
        request_id="request-1",
        deadline=deadline,
        region="eu-west-1",
        account_id="123456789012",
        clock=lambda: 1000.0,
    )


def invoke(handler: str, event: Json = None) -> Json:
    handler = handler if ":" in handler else f"{HANDLERS}:{handler}"
    return call(PythonFunction(name="sample", handler=handler, queue="q"), event, context(1060.5))


def error_of(handler: str, event: Json = None) -> tuple[str, dict[str, object]]:
    with pytest.raises(ExecutionError) as caught:
        invoke(handler, event)
    return caught.value.error, json.loads(caught.value.cause)


def test_a_handler_gets_the_event_and_its_result_comes_back():
    event: Json = {"text": "백", "big": 2**70, "deep": [{"x": None}]}
    assert invoke("echo", event) == event


def test_a_handler_that_changes_its_event_changes_only_its_copy():
    event: Json = {"items": []}
    assert invoke("spoil", event) == {"items": ["spoilt"]}
    assert event == {"items": []}


def test_a_result_becomes_what_its_json_says():
    result = {"pair": [1, 2], "3": 0.5, "none": None}
    assert invoke("return_what_json_knows_otherwise") == result


def test_a_handler_sees_its_name_and_the_time_it_has_left():
    assert invoke("describe") == {"name": "sample", "left": 60_500}


def test_an_exception_is_an_error_named_by_its_class_with_the_cause_of_lambdas_runtime():
    error, cause = error_of("fail", 7)
    assert error == "NotReady"
    trace = cause.pop("stackTrace")
    assert cause == {
        "errorMessage": "no index for 7",
        "errorType": "NotReady",
        "requestId": "request-1",
    }
    assert isinstance(trace, list)
    assert [frame.split(", in ")[1].split("\n")[0] for frame in trace] == ["fail", "_look_up"]
    assert trace[0].startswith('  File "')
    assert trace[0].endswith("\n    return _look_up(event)\n")


def test_the_cause_is_spelled_as_lambdas_runtime_spells_it():
    with pytest.raises(ExecutionError) as caught:
        invoke("return_a_set")
    assert caught.value.cause == (
        '{"errorMessage":"Unable to marshal response: Object of type set is not JSON '
        'serializable","errorType":"Runtime.MarshalError","requestId":"request-1",'
        '"stackTrace":[]}'
    )


def test_a_cause_can_always_be_stored_as_utf_8():
    with pytest.raises(ExecutionError) as caught:
        invoke("fail_with_a_lone_surrogate")
    assert json.loads(caught.value.cause.encode())["errorMessage"] == "\udcff"


def test_a_result_that_json_does_not_know_cannot_be_marshalled():
    error, cause = error_of("return_nan")
    assert error == "Runtime.MarshalError"
    assert str(cause["errorMessage"]).startswith("Unable to marshal response: Out of range float")


def test_a_module_that_is_missing_is_an_import_error():
    error, cause = error_of("no_such_package:handler")
    assert error == "Runtime.ImportModuleError"
    assert cause["errorMessage"] == (
        "Unable to import module 'no_such_package': No module named 'no_such_package'"
    )


def test_a_module_whose_own_import_is_missing_is_an_import_error():
    error, cause = error_of("tests.unit.integrations.functions.broken_module:handler")
    assert error == "Runtime.ImportModuleError"
    assert "No module named 'there_is_no_such_module'" in str(cause["errorMessage"])


def test_a_module_that_fails_while_it_is_imported_fails_with_its_own_error():
    error, cause = error_of("tests.unit.integrations.functions.failing_module:handler")
    assert (error, cause["errorMessage"]) == ("ValueError", "no licence")
    trace = cause["stackTrace"]
    assert isinstance(trace, list)
    assert "failing_module.py" in trace[0]


def test_a_module_that_is_not_python_is_a_syntax_error(tmp_path, monkeypatch):
    (tmp_path / "not_python.py").write_text("def (:\n")
    monkeypatch.syspath_prepend(tmp_path)
    error, cause = error_of("not_python:handler")
    assert error == "Runtime.UserCodeSyntaxError"
    assert str(cause["errorMessage"]).startswith("Syntax error in module 'not_python': ")


def test_a_handler_that_its_module_lacks_is_not_found():
    error, cause = error_of("no_such_handler")
    assert error == "Runtime.HandlerNotFound"
    assert cause["errorMessage"] == f"Handler 'no_such_handler' missing on module '{HANDLERS}'"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (3, "Runtime exited with error: exit status 3"),
        ("stop", "Runtime exited with error: exit status 1"),
        (0, "Runtime exited without providing a reason"),
        (None, "Runtime exited without providing a reason"),
    ],
)
def test_a_handler_that_exits_ends_its_call_and_not_the_worker(code: Json, reason: str):
    error, cause = error_of("leave", code)
    assert error == "Runtime.ExitError"
    assert cause == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: request-1 Error: {reason}",
    }


def test_an_interrupt_passes():
    with pytest.raises(KeyboardInterrupt):
        invoke("interrupt")


def test_the_context_names_the_function_as_lambda_does():
    sample = context()
    assert sample.function_name == "sample"
    assert sample.function_version == "live"
    assert sample.invoked_function_arn == (
        "arn:aws:lambda:eu-west-1:123456789012:function:sample:live"
    )
    assert sample.log_group_name == "/aws/lambda/sample"
    assert "[$LATEST]" in sample.log_stream_name
    assert sample.memory_limit_in_mb == "128"
    assert sample.aws_request_id == "request-1"


def test_an_arn_is_kept_as_it_is_and_an_account_of_a_partial_one_too():
    arn = "arn:aws:lambda:us-east-1:000000000000:function:sample"
    assert context(reference=arn).invoked_function_arn == arn
    assert context(reference=arn).function_version == "$LATEST"
    partial = context(reference="999999999999:function:sample")
    assert partial.invoked_function_arn.endswith(":999999999999:function:sample")


def test_without_a_deadline_a_function_has_the_time_that_lambda_allows():
    assert context().get_remaining_time_in_millis() == 900_000


def test_no_time_is_left_after_the_deadline():
    assert context(deadline=999.0).get_remaining_time_in_millis() == 0


def test_a_context_of_no_function_is_refused():
    with pytest.raises(ValueError, match="not the name or ARN"):
        context(reference="no function")
