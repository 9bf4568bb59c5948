"""Statuses of items, failure policies and errors as data (Contract 4.3, 4.8)."""

import pytest

from tasks.smart_statebag.bag.failure_policy import fails, policy_error, policy_of
from tasks.smart_statebag.bag.failures import brief, error_name, normalised
from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of
from tasks.smart_statebag.bag.statuses import succeeded


@pytest.mark.parametrize(
    "word", ["COMPLETE", "COMPLETED", "SUCCESS", "SUCCEEDED", "CONTINUE", "SKIPPED"]
)
def test_success_words(word: str) -> None:
    assert succeeded(word)


@pytest.mark.parametrize(
    "word", ["PARTIAL_FAILURE", "TIMEOUT", "FAILED", "PAUSED_FOR_HITP", "complete", "", None, 1]
)
def test_any_other_word_and_null_is_a_failure(word: Json) -> None:
    assert not succeeded(word)


@pytest.mark.parametrize(
    ("policy", "failing_counts"),
    [
        ("fail_on_any_failure", [1, 2, 3, 4]),
        ("fail_on_majority_failure", [3, 4]),
        ("fail_on_all_failure", [4]),
    ],
)
def test_how_many_of_four_fail_the_whole(policy: str, failing_counts: list[int]) -> None:
    assert [n for n in range(5) if fails(policy, failed=n, total=4)] == failing_counts


def test_the_configuration_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRIBUTED_FAILURE_POLICY", "fail_on_all_failure")

    assert policy_of("fail_on_majority_failure") == "fail_on_majority_failure"
    assert policy_of(None) == "fail_on_all_failure"


def test_without_any_setting_every_failure_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISTRIBUTED_FAILURE_POLICY", raising=False)

    assert policy_of(None) == "fail_on_any_failure"


def test_an_unknown_policy_is_the_strictest() -> None:
    assert policy_of("fail_sometimes") == "fail_on_any_failure"


def test_the_error_names_counts_and_the_first_five() -> None:
    error = policy_error("BranchesFailed", [f"b{n}" for n in range(7)], 25)

    assert error == {
        "Error": "BranchesFailed",
        "Cause": "7 of 25 failed: b0, b1, b2, b3, b4, ...",
    }


def test_causes_are_cut_to_4096_characters() -> None:
    error = normalised(
        {"Error": "Boom", "Cause": "차" * 5000, "error": "차" * 5000, "node_id": "n"}
    )

    assert error == {
        "Error": "Boom",
        "Cause": "차" * 4096,
        "error": "차" * 4096,
        "node_id": "n",
    }


def test_an_error_beyond_one_field_keeps_its_pair() -> None:
    error = normalised({"Error": "Boom", "Cause": "c", "attempts": ["x" * 40_000]})

    assert size_of(error) <= FIELD_LIMIT
    assert error == {"Error": "Boom", "Cause": "c"}


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ({"Error": "A", "error_type": "B"}, "A"),
        ({"error_type": "B", "error": "text"}, "B"),
        ("Plain", "Plain"),
        (None, "UnknownError"),
        ({}, "UnknownError"),
        ({"Error": None}, "UnknownError"),
    ],
)
def test_the_name_of_an_error(info: Json, name: str) -> None:
    assert error_name(info) == name


def test_the_error_of_a_branch_is_a_pair_with_a_short_cause() -> None:
    assert brief({"Error": "Boom", "Cause": "x" * 300, "attempts": []}) == {
        "Error": "Boom",
        "Cause": "x" * 256,
    }
