"""What ``$$`` shows."""

from typing import Any

from pipeline.language.errors import ExecutionError
from tests.pure_engine import Takes, in_sequence, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"


def test_the_context_object_of_a_state() -> None:
    peek = {"Type": "Pass", "Parameters": {"context.$": "$$"}}
    pause = {"Type": "Wait", "Seconds": 2}
    output: Any = run_purely(in_sequence(Pause=pause, Peek=peek), {"given": 1}).output
    assert output["context"] == {
        "Execution": {
            "Id": "arn:aws:states:eu-west-1:123456789012:execution:pure:one",
            "Input": {"given": 1},
            "Name": "one",
            "RoleArn": "arn:aws:iam::123456789012:role/pure",
            "StartTime": "2023-11-14T22:13:20.000Z",
            "RedriveCount": 0,
        },
        "State": {"EnteredTime": "2023-11-14T22:13:22.000Z", "Name": "Peek"},
        "StateMachine": {
            "Id": "arn:aws:states:eu-west-1:123456789012:stateMachine:pure",
            "Name": "pure",
        },
    }


def test_paths_of_every_field_may_look_at_the_context_object() -> None:
    first = {"Type": "Pass", "InputPath": "$$.Execution.Name", "OutputPath": "$$.State"}
    output: Any = run_purely(in_sequence(First=first), {}).output
    assert output["Name"] == "First"


def test_the_retry_count_grows_over_all_retriers_and_the_entered_time_stays() -> None:
    seen: list[Any] = []
    errors = iter(["A", "B", ""])

    def function(given: Any) -> Any:
        seen.append(given)
        if error := next(errors):
            raise ExecutionError(error)
        return Takes(1, None)

    task = {
        "Type": "Task",
        "Resource": FUNCTION,
        "Parameters": {"count.$": "$$.State.RetryCount", "entered.$": "$$.State.EnteredTime"},
        "Retry": [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"]}],
        "ResultSelector": {"count.$": "$$.State.RetryCount"},
    }
    after = {"Type": "Pass", "Parameters": {"state.$": "$$.State"}, "ResultPath": "$.p"}
    output: Any = run_purely(in_sequence(Work=task, After=after), {}, {"work": function}).output
    entered = "2023-11-14T22:13:20.000Z"
    assert seen == [{"count": count, "entered": entered} for count in range(3)]
    assert output["count"] == 2
    assert output["p"]["state"].keys() == {"EnteredTime", "Name"}
