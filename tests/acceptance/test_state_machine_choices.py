"""Contract 10.5 to 10.9: where every Choice goes, by running it in the engine's core."""

from typing import Any

import pytest

from tests.acceptance import state_machine_routes
from tests.acceptance.state_machine_documents import place, places
from tests.contract_fields import WORDS
from tests.pure_engine import run_purely

OWN_ARN = "arn:aws:states:eu-west-1:123456789012:execution:pure:one"
OTHER_ARN = "arn:aws:states:eu-west-1:123456789012:execution:pure:two"
IDS = {"ownerId": "owner", "workflowId": "workflow"}


def target_of(choice: dict[str, Any], state_input: Any) -> str:
    """Where a Choice goes, by running it in the engine's core between states that say so."""
    targets = {rule["Next"] for rule in choice["Choices"]} | {choice["Default"]}
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in targets}
    ended = run_purely({"StartAt": "?", "States": {"?": choice, **ends}}, state_input)
    assert ended.status == "SUCCEEDED", ended.cause
    return str(ended.output)


def input_with(path: str, value: Any) -> Any:
    """An input that holds only what the path reads."""
    for name in reversed(path.removeprefix("$.").split(".")):
        value = {name: value}
    return value


def choice(code: str, name: str) -> dict[str, Any]:
    """A Choice of a file, wherever it stands."""
    return next(p.state for p in places(code) if p.name == name)


@pytest.mark.parametrize(
    ("code", "name"), [(c, name) for c in "ABCD" for name in getattr(state_machine_routes, c)]
)
def test_a_choice_sends_every_word_where_the_tables_say(code: str, name: str) -> None:
    path, table, otherwise = getattr(state_machine_routes, code)[name]
    expected = {word: target for words, target in table.items() for word in words.split()}
    assert set(expected) <= set(WORDS)
    for word in [*WORDS, "", None, 0]:
        assert target_of(choice(code, name), input_with(path, word)) == expected.get(
            word, otherwise
        ), word


# start, check, unsafe, evaluate, init, init fail of Contract 10.5.
ENTRY = {
    "A": "CheckForInjectedConfig CheckForExistingExecution HandleIdempotencyFailure "
    "HandleExistingExecution InitializeStateData InitializationFailed",
    "B": "CheckForInjectedConfig CheckForExistingExecution HandleIdempotencyFailure "
    "HandleExistingExecution InitializeStateData InitializationFailed",
    "C": "CheckIdempotency VerifyIdempotencyKey HandleIdempotencyError EvaluateIdempotency "
    "InitializeStateBag FailInitialization",
    "D": "CheckIdempotency VerifyIdempotencyKey HandleIdempotencyError EvaluateIdempotency "
    "InitializeStateBag FailInitialization",
}
ROW = {
    "A": "$.idempotency_check_result",
    "B": "$.dynamodb_result",
    "C": "$.idempotency_check",
    "D": "$.dynamodb_result",
}

every_file = pytest.mark.parametrize("code", "ABCD")


@every_file
def test_an_execution_starts_by_what_its_input_has(code: str) -> None:
    start, check, _, _, init, init_fail = ENTRY[code].split()
    key = {"idempotency_key": "k"}
    mock = {"MOCK_MODE": "true", "test_workflow_config": {}}
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, init_fail),
        ({"ownerId": "owner", **key}, init_fail),
        ({"workflowId": "workflow", **key}, init_fail),
        ({**mock, "ownerId": "owner"}, init_fail),
        ({**IDS, **key, **mock}, init),
        ({**IDS, **key, "MOCK_MODE": "true"}, check),
        ({**IDS, **key, "MOCK_MODE": "false", "test_workflow_config": {}}, check),
        ({**IDS, **key, "MOCK_MODE": True, "test_workflow_config": {}}, check),
        (IDS, init),
        ({**IDS, **key}, check),
    ]
    for given, target in cases:
        assert target_of(choice(code, start), given) == target, given


@every_file
def test_an_unreachable_table_ends_the_execution_unless_the_caller_says_otherwise(
    code: str,
) -> None:
    unsafe, init = ENTRY[code].split()[2], ENTRY[code].split()[4]
    for value, target in [(True, init), (False, None), ("true", None), (None, None)]:
        given = {"ALLOW_UNSAFE_EXECUTION": value}
        expected = target or "FailIdempotencyUnavailable"
        assert target_of(choice(code, unsafe), given) == expected, value
    assert target_of(choice(code, unsafe), IDS) == "FailIdempotencyUnavailable"


def stored_row(code: str, arn: str | None, status: str | None) -> Any:
    """What ``evaluate`` of a file sees of a stored row."""
    item = {"executionArn": arn, "status": status}
    if code == "B":
        extracted = {
            f"existing_execution_{'arn' if k == 'executionArn' else k}": v
            for k, v in item.items()
            if v is not None
        }
        return {"idempotency_check_result": extracted}
    attributes = {name: {"S": value} for name, value in item.items() if value is not None}
    return input_with(ROW[code], {"Item": attributes})


@every_file
def test_only_another_execution_that_runs_or_succeeded_is_a_duplicate(code: str) -> None:
    evaluate, init = ENTRY[code].split()[3:5]
    ends = {
        "RUNNING": "FailDuplicateExecution",
        "IN_PROGRESS": "FailDuplicateExecution",
        "SUCCEEDED": "SucceedDuplicateExecution",
        "COMPLETED": "SucceedDuplicateExecution",
    }
    for status in [*ends, "FAILED", "TIMED_OUT", ""]:
        other = target_of(choice(code, evaluate), stored_row(code, OTHER_ARN, status))
        own = target_of(choice(code, evaluate), stored_row(code, OWN_ARN, status))
        assert (other, own) == (ends.get(status, init), init), status
    for row in (stored_row(code, None, "RUNNING"), stored_row(code, OTHER_ARN, None)):
        assert target_of(choice(code, evaluate), row) == init
    assert target_of(choice(code, evaluate), input_with(ROW[code], {})) == init


def test_b_extracts_a_stored_row_only_if_it_has_both_attributes() -> None:
    item = choice("B", "CheckIfItemExists")
    both = {"executionArn": {"S": OTHER_ARN}, "status": {"S": "RUNNING"}}
    assert target_of(item, {"dynamodb_result": {"Item": both}}) == "ExtractExistingExecutionInfo"
    for name, value in both.items():
        lacking = {"dynamodb_result": {"Item": {name: value}}}
        assert target_of(item, lacking) == "InitializeStateData"
    assert target_of(item, {"dynamodb_result": {}}) == "InitializeStateData"


@every_file
def test_an_earlier_success_is_answered_with_its_stored_row(code: str) -> None:
    assert choice(code, ENTRY[code].split()[3])["Choices"][1]["Next"] == "SucceedDuplicateExecution"
    assert place(code, "SucceedDuplicateExecution").state["InputPath"] == f"{ROW[code]}.Item"


# Choice, what goes beyond it, the path of the counter, the path of its limit.
LIMITS = [
    ("A", "CheckLoopLimit", "LoopLimitExceeded", "state_data", "max_loop_iterations"),
    ("A", "CheckBranchLoopLimit", "BranchLoopLimitExceeded", "state_data", "max_branch_iterations"),
    ("C", "CheckLoopLimit", "FailLoopLimitExceeded", "state_data", "max_loop_iterations"),
    ("D", "CheckLoopLimit", "FailLoopLimitExceeded", "state_data", "max_loop_iterations"),
]


@pytest.mark.parametrize(("code", "name", "beyond", "bag", "limit"), LIMITS)
def test_a_loop_ends_above_its_limit_and_not_at_it(
    code: str, name: str, beyond: str, bag: str, limit: str
) -> None:
    state = choice(code, name)
    at, above = ({bag: {"loop_counter": n, limit: 100}} for n in (100, 101))
    assert target_of(state, at) == state["Default"] != beyond
    assert target_of(state, above) == beyond


def test_a_branch_of_c_ends_above_its_limit_and_not_at_it() -> None:
    def branch(counter: int) -> Any:
        limit = {"max_branch_iterations": 100}
        return {"branch_state": {"loop_counter": counter, "state_data": limit}}

    state = choice("C", "CheckBranchLoopLimit")
    assert target_of(state, branch(100)) == "ExecuteBranchSegment"
    assert target_of(state, branch(101)) == "FailBranchLoopLimit"


@pytest.mark.parametrize(
    ("code", "name"), [("B", "CheckDistributedMapRequired"), ("D", "SelectExecutionMode")]
)
@pytest.mark.parametrize(
    ("segments", "concurrency", "distributed"),
    [(300, 50, False), (301, 1, True), (1, 51, True), (301, 51, True)],
)
def test_many_segments_or_much_concurrency_run_in_chunks(
    code: str, name: str, segments: int, concurrency: int, *, distributed: bool
) -> None:
    bag = {"state_data": {"total_segments": segments, "max_concurrency": concurrency}}
    expected = "PrepareDistributedExecution" if distributed else "NotifyWorkflowStarted"
    assert target_of(choice(code, name), bag) == expected


def test_a_warns_of_more_than_200_segments() -> None:
    state = choice("A", "CheckLargeWorkflow")
    sizes = {n: target_of(state, {"state_data": {"total_segments": n}}) for n in (200, 201)}
    assert sizes == {200: "NotifyWorkflowStarted", 201: "NotifyLargeWorkflowWarning"}


def test_a_goes_on_only_with_a_numeric_next_segment() -> None:
    state = choice("A", "PrepareNextSegment")
    for value, target in [(3, "UpdateSegmentToRun"), (None, "NotifyExecutionFailure")]:
        assert target_of(state, {"execution_result": {"next_segment_to_run": value}}) == target


@pytest.mark.parametrize("word", [*sorted(WORDS), ""])
def test_b_checks_the_loop_limit_before_the_status_and_the_next_segment_after(word: str) -> None:
    expected = {"PAUSE": "WaitForCallback", "PAUSED_FOR_HITP": "WaitForCallback"}
    expected["COMPLETE"] = "PublishSucceededEvent"
    goes_on = dict.fromkeys(("CONTINUE", "SKIPPED", "SEQUENTIAL_BRANCH"), "PrepareNextSegment")

    def target(counter: int, following: int | None) -> str:
        bag = {"loop_counter": counter, "max_loop_iterations": 100}
        result = {"status": word, "next_segment_to_run": following}
        given = {"state_data": bag, "execution_result": result}
        return target_of(choice("B", "CheckForNextSegment"), given)

    assert target(100, 1) == {**expected, **goes_on}.get(word, "NotifyExecutionFailure")
    assert target(100, None) == expected.get(word, "NotifyExecutionFailure")
    assert target(101, 1) == "NotifyExecutionFailure"


@every_file
def test_every_choice_of_the_files_is_tried_above(code: str) -> None:
    entry = {name for name in ENTRY[code].split() if choice(code, name)["Type"] == "Choice"}
    limits = {name for file, name, *_ in LIMITS if file == code}
    tried = entry | limits | set(getattr(state_machine_routes, code)) | BY_NAME[code]
    assert {p.name for p in places(code) if p.state["Type"] == "Choice"} == tried


BY_NAME: dict[str, set[str]] = {
    "A": {"CheckLargeWorkflow", "PrepareNextSegment"},
    "B": {"CheckIfItemExists", "CheckDistributedMapRequired", "CheckForNextSegment"},
    "C": {"CheckBranchLoopLimit"},
    "D": {"SelectExecutionMode"},
}
"""Choices with a test of their own."""
