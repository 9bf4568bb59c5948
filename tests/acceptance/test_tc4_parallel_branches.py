"""Contract 12, TC-4: parallel branches on all four machines with par25."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tasks.smart_statebag.bag.cache import LIFETIME_SECONDS, MAX_ENTRIES, ObjectCache
from tasks.smart_statebag.bag.clock import SystemClock
from tasks.smart_statebag.bag.metric import Metric
from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.bag.state_bucket import load_from_s3
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.resume import resume
from tasks.smart_statebag.state_data_manager import aggregate_branches
from tasks.smart_statebag.state_data_manager.calls import ActionTools
from tests.acceptance.recorded import Recorded
from tests.acceptance.smart_statebag import (
    OWNER,
    SmartStateBag,
    embedded_statebag,
    state_store,
)
from tests.acceptance.workflows import failing, hitp, par25, parallel_heavy, two_groups

BRANCHES = 25
LIMIT = 262144
BAG_LIMIT = 204800
BRANCH_KEYS = {
    "A": {
        *("branch_id", "branch_index", "execution_order", "branch_status", "final_state"),
        *("final_state_s3_path", "new_history_logs", "logs_s3_path", "error_info"),
        "branch_executed",
    },
    "C": {
        *("branch_id", "branch_index", "execution_order", "status", "s3_path", "logs_s3_path"),
        "error_type",
    },
    "D": {
        *("branch_id", "branch_index", "execution_order", "status", "result_s3_path"),
        *("logs_s3_path", "error_type"),
    },
}
every_machine = pytest.mark.parametrize("code", "ABCD")
v3 = pytest.mark.parametrize("code", "CD")
legacy = pytest.mark.parametrize("code", "AB")


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path_factory.mktemp("tc4")) as made:
        yield made


@pytest.fixture(scope="module")
def runs(statebag: SmartStateBag) -> dict[str, Recorded]:
    return {code: statebag.succeed(code, par25()) for code in "ABCD"}


class Figures:
    """A sink that keeps the counts of one call."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def publish(self, metrics: Sequence[Metric]) -> None:
        self.values.update({metric.name: metric.value for metric in metrics})


class SkippingClock(SystemClock):
    """A clock that a test may put forward."""

    skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped


class Aggregation:
    """The aggregation of an execution's branches, called again with a cache of its own."""

    def __init__(self, recorded: Recorded, *, entries: int = MAX_ENTRIES) -> None:
        [call] = recorded.calls_of("AggregateParallelResults")
        self.given = call.given
        self.clock = SkippingClock()
        cache = ObjectCache(max_entries=entries, clock=self.clock)
        self.storage = StateStorage(state_store(), cache=cache)

    def gets(self) -> float:
        figures = Figures()
        tools = ActionTools(storage=lambda: self.storage, clock=self.clock, sink=figures)
        aggregate_branches(self.given, tools)
        assert len(self.storage.cache) <= MAX_ENTRIES
        return figures.values["S3Get"]


@v3
def test_tc4_1_the_results_of_branches_are_few_fields_each_below_one_kilobyte(
    runs: dict[str, Recorded], code: str
) -> None:
    [data] = runs[code].entered("AggregateParallelResults")
    branches = data["parallel_results"]["branches"]
    assert len(branches) == BRANCHES
    for branch in branches:
        assert set(branch) == BRANCH_KEYS[code]
        assert size_of(branch) < 1024


@legacy
def test_tc4_1_the_legacy_machines_hand_over_25_branches_too(
    runs: dict[str, Recorded], code: str
) -> None:
    [data] = runs[code].entered("AggregateParallelResults")
    assert len(data["parallel_results"]) == BRANCHES
    if code == "A":
        assert {frozenset(branch) for branch in data["parallel_results"]} == {
            frozenset(BRANCH_KEYS[code])
        }


@every_machine
def test_tc4_2_the_final_state_has_what_every_branch_wrote_in_their_order(
    runs: dict[str, Recorded], code: str
) -> None:
    state = runs[code].final_state
    assert state["findings"] == list(range(BRANCHES))
    for number in range(BRANCHES):
        assert state[f"b{number}"] == f"{number:04d}" * 3072
        assert state[f"ask{number}_output"].startswith("[offline:")
    assert state == runs["A"].final_state


@v3
def test_tc4_2_the_states_of_the_branches_come_from_the_bucket(
    runs: dict[str, Recorded], code: str
) -> None:
    [call] = runs[code].calls_of("AggregateParallelResults")
    assert call.given["action"] == "aggregate_branches"
    assert call.given["load_from_s3"] is True
    assert size_of(call.given) < BAG_LIMIT
    merged = load_from_s3(call.result["state_data"]["state_s3_path"])
    assert isinstance(merged, dict)
    assert merged["findings"] == list(range(BRANCHES))


@every_machine
def test_tc4_3_nothing_in_the_history_and_no_bag_is_too_large(
    runs: dict[str, Recorded], code: str
) -> None:
    assert max(len(text.encode()) for text in runs[code].documents()) <= LIMIT
    assert max(map(size_of, runs[code].bags)) <= BAG_LIMIT


def test_tc4_4_a_cold_cache_reads_the_common_base_once(runs: dict[str, Recorded]) -> None:
    assert Aggregation(runs["C"]).gets() == 1 + BRANCHES + BRANCHES == 51


def test_tc4_4_without_a_cache_the_base_is_read_for_each_branch(runs: dict[str, Recorded]) -> None:
    assert Aggregation(runs["C"], entries=0).gets() == 3 * BRANCHES == 75


def test_tc4_4_an_entry_of_more_than_five_minutes_is_read_again(runs: dict[str, Recorded]) -> None:
    aggregation = Aggregation(runs["C"])
    aggregation.gets()
    path = aggregation.given["branch_pointers"][-1]["logs_s3_path"]
    kept = aggregation.storage.cache
    assert kept.get(path) is not None
    aggregation.clock.skipped += LIFETIME_SECONDS + 1
    assert kept.get(path) is None
    assert aggregation.gets() == 51


def with_branch_failing(number: int, message: str = "not so") -> Any:
    workflow = par25()
    workflow["nodes"] = [
        failing(f"find{number}", message) if each["id"] == f"find{number}" else each
        for each in workflow["nodes"]
    ]
    return workflow


@v3
def test_tc4_5_one_failing_branch_fails_the_execution_which_names_it(
    statebag: SmartStateBag, code: str
) -> None:
    recorded = statebag.run(code, with_branch_failing(7))
    assert recorded.ended.status == "FAILED"
    [failed] = recorded.bag["failed_branches"]
    assert failed["branch_index"] == 7
    assert failed["error_type"] == "StrategyFailed"
    assert recorded.bag["last_error"]["Error"] == "BranchesFailed"


@v3
def test_tc4_5_a_minority_of_failures_is_tolerated_where_asked_and_still_reported(
    statebag: SmartStateBag, code: str
) -> None:
    workflow = {**with_branch_failing(7), "failure_policy": "fail_on_majority_failure"}
    recorded = statebag.succeed(code, workflow)
    [failed] = recorded.bag["failed_branches"]
    assert failed["branch_index"] == 7
    expected = [number for number in range(BRANCHES) if number != 7]
    assert recorded.final_state["findings"] == expected
    assert recorded.final_state["joined"] is True


@every_machine
def test_tc4_5_twenty_five_failures_with_long_causes_stay_below_the_limit(
    statebag: SmartStateBag, code: str
) -> None:
    workflow = par25()
    cause = "{{ filler }}"
    workflow["initial_state"] = {"filler": "잘못" * (32 * 1024 // 6)}
    workflow["nodes"] = [
        failing(each["id"], cause) if each["id"].startswith("find") else each
        for each in workflow["nodes"]
    ]
    recorded = statebag.run(code, workflow)
    assert recorded.ended.status == "FAILED"
    assert recorded.ended.error == "WorkflowExecutionFailed"
    assert max(len(text.encode()) for text in recorded.documents()) <= LIMIT
    assert max(map(size_of, recorded.bags)) <= BAG_LIMIT
    if code in "CD":
        assert recorded.bag["branch_summary"]["failed"] == BRANCHES
        assert len(recorded.bag["failed_branches"]) == 5
        assert len(load_list(recorded.bag["failed_branches_s3_path"])) == BRANCHES


def load_list(pointer: str) -> list[Any]:
    loaded = load_from_s3(pointer)
    assert isinstance(loaded, list)
    return loaded


def with_pause_in_branch_7() -> Any:
    workflow = par25()
    place = next(n for n, each in enumerate(workflow["nodes"]) if each["id"] == "find7")
    workflow["nodes"].insert(place, hitp("check"))
    for edge in workflow["edges"]:
        if edge["target"] == "find7":
            edge["target"] = "check"
    workflow["edges"].append({"source": "check", "target": "find7"})
    return workflow


@v3
def test_tc4_6_a_person_is_asked_in_one_branch_while_the_others_end(
    statebag: SmartStateBag, code: str
) -> None:
    workflow = with_pause_in_branch_7()
    execution = statebag.start(code, workflow, MOCK_MODE="false")
    [question] = statebag.open_questions(execution)
    statebag.has_entered(execution, "BranchComplete", BRANCHES - 1)
    assert "branch" in question["scope"]
    assert statebag.is_running(execution)
    assert len(statebag.recorded(execution, None).entered("WaitForBranchCallback")) == 1
    answer: Any = {"action": "APPROVED"}
    assert resume(OWNER, pause_id=question["pause_id"], response=answer)["statusCode"] == 200
    recorded = statebag.finish(execution)
    assert recorded.ended.status == "SUCCEEDED", recorded.ended.cause
    assert recorded.final_state["findings"] == list(range(BRANCHES))
    assert recorded.final_state["check_done"] == "asked"
    assert recorded.final_state["last_hitp_response"] == answer


@legacy
def test_tc4_6_the_legacy_machines_allow_no_pause_in_a_branch(
    statebag: SmartStateBag, code: str
) -> None:
    recorded = statebag.run(code, with_pause_in_branch_7(), MOCK_MODE="false")
    assert recorded.ended.status == "FAILED"
    assert "PauseNotAllowed" in json.dumps(recorded.notifications[-1]["Detail"]["error"])


@every_machine
def test_tc4_7_a_second_group_sees_only_its_own_branches(
    statebag: SmartStateBag, code: str
) -> None:
    recorded = statebag.succeed(code, two_groups())
    joins = recorded.calls_of("AggregateParallelResults")
    name = "branch_pointers" if code in "CD" else "parallel_results"
    assert [len(join.given[name]) for join in joins] == [2, 3]
    if code in "CD":
        totals = [join.result["state_data"]["branch_summary"]["total"] for join in joins]
        assert totals == [2, 3]
        assert all(join.result["state_data"]["pending_branches"] == [] for join in joins)
    state = recorded.final_state
    assert (state["first"], state["second"]) == ([0, 1], [0, 1, 2])


def test_tc4_every_branch_has_two_segments_and_leaves_three_entries(
    runs: dict[str, Recorded],
) -> None:
    assert par25() == parallel_heavy(workflow_type="parallel_heavy", branch_count=BRANCHES)
    [data] = runs["C"].entered("ProcessParallelBranches")
    counts = [item["segment_count"] for item in data["state_data"]["pending_branches"]]
    assert counts == [2] * BRANCHES
    assert len(runs["C"].log) == 3 * BRANCHES + 2
