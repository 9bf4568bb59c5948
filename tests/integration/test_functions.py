"""How Task states reach their functions, end to end, in both modes."""

from tests.machines import call, each, only
from tests.platforms import Platform


def test_a_celery_function_is_a_task_of_another_application(platform: Platform) -> None:
    ended = platform.run(only(call("paint")), {"colour": "blue", "coats": 2})
    assert ended.output == {"colour": "blue", "coats": 2}


def test_the_exception_of_another_applications_task_is_the_error_of_the_state(
    platform: Platform,
) -> None:
    ended = platform.run(only(call("paint")), ["invisible"])
    assert (ended.status, ended.error) == ("FAILED", "OutOfPaint")
    assert ended.cause == "no invisible left"


def test_each_item_of_a_map_may_be_a_task_of_another_application(platform: Platform) -> None:
    colours = [f"colour {number}" for number in range(12)]
    ended = platform.run(only(each(only(call("paint")), MaxConcurrency=5)), colours)
    assert ended.output == [{"colour": colour, "coats": 1} for colour in colours]


def test_an_http_function_is_posted_its_event(platform: Platform) -> None:
    assert platform.run(only(call("over-http")), "stressed").output == "desserts"


def test_the_error_document_of_an_http_function_is_the_error_of_the_state(
    platform: Platform,
) -> None:
    ended = platform.run(only(call("over-http")), 7)
    assert (ended.status, ended.error) == ("FAILED", "NotText")
    assert "7 is no text" in (ended.cause or "")


def test_a_function_with_a_queue_of_its_own_is_called(platform: Platform) -> None:
    assert platform.run(only(call("elsewhere")), 21).output == 42


def test_a_function_invoked_as_an_event_is_called_after_its_state_went_on(
    platform: Platform,
) -> None:
    path = platform.path("log")
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": "log",
            "InvocationType": "Event",
            "Payload": {"log": str(path), "item.$": "$"},
        },
        "ResultSelector": {"status.$": "$.StatusCode"},
        "End": True,
    }
    assert platform.run(only(state), "later").output == {"status": 202}
    assert platform.read(path) == "later\n"
