"""Contract 9.1: every event that the state machines put, field by field."""

import pytest

from tests.acceptance.state_machine_documents import Place, names_in, places
from tests.contract_fields import fields

COMMON = fields("execution_id ownerId workflowId status notification_type message timestamp")
SUCCESS = "conversation_id final_state final_state_s3_path total_segments start_time"
RESULT = "final_state_s3_path total_segments loop_counter start_time"

LIFECYCLE = ("backend-workflow.lifecycle", "WorkflowLifecycleEvent")
SUCCEEDED = ("backend-workflow", "WorkflowExecutionSucceeded")
KINDS = {"L": LIFECYCLE, "S": SUCCEEDED}

# File -> state -> per entry: kind, status, event_type, further fields.
Entry = tuple[str, str, str | None, str]
EVENTS: dict[str, dict[str, list[Entry]]] = {
    "A": {
        "HandleInitFailure": [("L", "FAILED", None, "error")],
        "NotifyLargeWorkflowWarning": [
            ("L", "LARGE_WORKFLOW_WARNING", None, "total_segments warning")
        ],
        "NotifyWorkflowStarted": [
            ("L", "RUNNING", None, "TaskToken userId conversation_id segment_to_run state_data")
        ],
        "NotifyAsyncLLMProcessing": [("L", "ASYNC_LLM_PROCESSING", None, "segment_to_run")],
        "PublishSucceededEvent": [
            ("L", "COMPLETED", None, "conversation_id state_data final_result")
        ],
        "NotifyWorkflowCompleted": [
            ("L", "COMPLETED", None, "conversation_id distributed_strategy final_state")
        ],
        "NotifyExecutionSuccess": [("S", "SUCCEEDED", None, SUCCESS)],
        "NotifyExecutionFailure": [
            ("L", "FAILED", "FAILED", "error event_version trace_id TaskToken userId")
        ],
    },
    "B": {
        "HandleInitFailure": [("L", "FAILED", None, "error")],
        "NotifyWorkflowStarted": [("L", "RUNNING", None, "")],
        "NotifyDistributedWorkflowStarted": [
            ("L", "DISTRIBUTED_EXECUTION_STARTED", None, "total_segments total_chunks")
        ],
        "PublishSucceededEvent": [
            ("L", "COMPLETED", None, "conversation_id distributed_execution")
        ],
        "NotifyExecutionSuccess": [("S", "SUCCEEDED", None, SUCCESS + " distributed_execution")],
        "NotifyExecutionFailure": [("L", "FAILED", None, "error distributed_execution")],
    },
    "C": {
        "NotifyAndFailInit": [("L", "FAILED", "INIT_FAILED", "error")],
        "NotifyWorkflowStarted": [
            ("L", "RUNNING", "STARTED", "total_segments distributed_strategy")
        ],
        "HandleAsyncLLM": [("L", "ASYNC_LLM_PROCESSING", "ASYNC_LLM_PROCESSING", "segment_to_run")],
        "NotifyWorkflowCompleted": [
            ("L", "COMPLETED", "COMPLETED", RESULT),
            ("S", "SUCCEEDED", "COMPLETED", SUCCESS),
        ],
        "NotifyAndFail": [("L", "FAILED", "FAILED", "execution_name state_s3_path error")],
    },
    "D": {
        "NotifyAndFailInit": [("L", "FAILED", "INIT_FAILED", "error")],
        "NotifyWorkflowStarted": [
            ("L", "RUNNING", "STARTED", "total_segments distributed_strategy")
        ],
        "NotifyDistributedStarted": [
            (
                "L",
                "DISTRIBUTED_EXECUTION_STARTED",
                "DISTRIBUTED_STARTED",
                "total_segments total_chunks max_concurrency",
            )
        ],
        "NotifyWorkflowCompleted": [
            ("L", "COMPLETED", "COMPLETED", RESULT),
            ("S", "SUCCEEDED", "COMPLETED", SUCCESS),
        ],
        "NotifyAndFail": [
            ("L", "FAILED", "FAILED", "execution_name state_s3_path error pre_snapshot_s3_path")
        ],
    },
}


# File -> the states and fields of their events that point to data of the execution.
POINTERS: dict[str, set[tuple[str, str]]] = {
    "A": {
        ("NotifyWorkflowStarted", "state_data"),
        ("PublishSucceededEvent", "state_data"),
        ("PublishSucceededEvent", "final_result"),
        ("NotifyWorkflowCompleted", "final_state"),
        ("NotifyExecutionSuccess", "final_state"),
    },
    "B": {("NotifyExecutionSuccess", "final_state")},
    "C": {("NotifyWorkflowCompleted", "final_state")},
    "D": {("NotifyWorkflowCompleted", "final_state")},
}


def _putting(code: str) -> list[Place]:
    """The states of a file that put events."""
    return [p for p in places(code) if p.resource == "events:putEvents"]


@pytest.mark.parametrize("code", "ABCD")
def test_events_have_the_kind_status_and_fields_of_the_table(code: str) -> None:
    found: dict[str, list[tuple[tuple[str, str], str, str | None, frozenset[str]]]] = {
        p.name: [
            (
                (entry["Source"], entry["DetailType"]),
                entry["Detail"]["status"],
                entry["Detail"].get("event_type"),
                names_in(entry["Detail"]) - {"event_type"},
            )
            for entry in p.state["Parameters"]["Entries"]
        ]
        for p in _putting(code)
    }
    assert found == {
        name: [
            (KINDS[kind], status, event_type, COMMON | fields(more))
            for kind, status, event_type, more in entries
        ]
        for name, entries in EVENTS[code].items()
    }


@pytest.mark.parametrize("code", "ABCD")
def test_events_go_to_the_one_bus_and_leave_the_data_as_it_is(code: str) -> None:
    putting = _putting(code)
    assert len(putting) == len(EVENTS[code])
    for p in putting:
        entries = p.state["Parameters"]["Entries"]
        assert {entry["EventBusName"] for entry in entries} == {"${WorkflowEventBusArn}"}
        assert {entry["Detail"]["notification_type"] for entry in entries} == {"execution_progress"}
        assert p.state["ResultPath"] is None


@pytest.mark.parametrize("code", "ABCD")
def test_an_event_names_data_by_a_pointer_object(code: str) -> None:
    pointers: set[tuple[str, str]] = set()
    for p in _putting(code):
        for entry in p.state["Parameters"]["Entries"]:
            detail = entry["Detail"]
            assert not {"state_data.$", "final_state.$", "final_result.$"} & set(detail), p.name
            for name in fields("state_data final_state final_result") & set(detail):
                assert list(detail[name]) == ["s3_path.$"], p.name
                pointers.add((p.name, name))
    assert pointers == POINTERS[code]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("A", "$.execution_result.error_info"),
        ("B", "$.execution_result.error_info"),
        ("C", "$.state_data.last_error"),
        ("D", "$.state_data.last_error"),
    ],
)
def test_the_failure_event_and_the_cause_read_the_one_place_of_errors(
    code: str, error: str
) -> None:
    by_name = {p.name: p.state for p in places(code)}
    failure = by_name["NotifyExecutionFailure" if code in "AB" else "NotifyAndFail"]
    assert failure["Parameters"]["Entries"][0]["Detail"]["error.$"] == error
    assert by_name["WorkflowFailed"]["Error"] == "WorkflowExecutionFailed"
    assert by_name["WorkflowFailed"]["CausePath"] == f"States.JsonToString({error})"
