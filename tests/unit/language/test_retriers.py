"""Which retrier answers an error, and after which delay."""

import random

import pytest

from pipeline.language import retriers
from pipeline.language.error_equals import matches
from pipeline.language.retriers import JitterStrategy, Retrier


def retrier(*error_equals: str, **fields: object) -> Retrier:
    return Retrier(error_equals=error_equals, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "error", "expected"),
    [
        ("MyError", "MyError", True),
        ("MyError", "myerror", False),
        ("States.ALL", "MyError", True),
        ("States.ALL", "States.Timeout", True),
        ("States.ALL", "States.Runtime", False),
        ("States.Runtime", "States.Runtime", False),
        ("States.ALL", "States.DataLimitExceeded", True),
        ("States.DataLimitExceeded", "States.DataLimitExceeded", True),
        ("States.TaskFailed", "MyError", True),
        ("States.TaskFailed", "States.Permissions", True),
        ("States.TaskFailed", "States.TaskFailed", True),
        ("States.TaskFailed", "States.Timeout", False),
        ("States.TaskFailed", "States.HeartbeatTimeout", False),
        ("States.TaskFailed", "States.Runtime", False),
        ("States.Timeout", "States.HeartbeatTimeout", True),
        ("States.HeartbeatTimeout", "States.Timeout", False),
    ],
)
def test_an_error_name_matches(name: str, error: str, expected: bool) -> None:
    assert matches((name,), error) is expected


def test_any_of_several_names_matches() -> None:
    assert matches(("One", "Two"), "Two")
    assert not matches(("One", "Two"), "Three")


def test_the_first_matching_retrier_decides() -> None:
    retry = (retrier("Other"), retrier("MyError", max_attempts=2), retrier("States.ALL"))
    assert retriers.find(retry, (0, 1, 0), "MyError") == 1
    assert retriers.find(retry, (0, 2, 0), "Unforeseen") == 2


def test_no_later_retrier_is_asked_when_the_attempts_are_used_up() -> None:
    retry = (retrier("MyError", max_attempts=2), retrier("States.ALL"))
    assert retriers.find(retry, (2, 0), "MyError") is None


def test_max_attempts_zero_never_retries() -> None:
    assert retriers.find((retrier("States.ALL", max_attempts=0),), (0,), "MyError") is None


def test_an_error_that_no_retrier_matches_is_not_retried() -> None:
    assert retriers.find((retrier("Other"),), (0,), "MyError") is None


def test_a_missing_counter_is_zero() -> None:
    assert retriers.find((retrier("MyError"),), (), "MyError") == 0


def test_the_delay_grows_by_the_backoff_rate() -> None:
    growing = retrier("MyError", interval_seconds=3, backoff_rate=1.5)
    delays = [retriers.delay(growing, made, random.Random(1)) for made in range(3)]
    assert delays == [3, 4.5, 6.75]


def test_the_delay_is_capped_by_max_delay_seconds() -> None:
    capped = retrier("MyError", interval_seconds=3, max_delay_seconds=5)
    delays = [retriers.delay(capped, made, random.Random(1)) for made in range(3)]
    assert delays == [3, 5, 5]


def test_a_delay_beyond_all_floats_is_still_capped() -> None:
    capped = retrier("MyError", max_delay_seconds=60, max_attempts=5000)
    assert retriers.delay(capped, 4000, random.Random(1)) == 60


def test_full_jitter_draws_from_zero_to_the_delay() -> None:
    jittered = retrier("MyError", interval_seconds=10, jitter_strategy=JitterStrategy.FULL)
    source = random.Random(7)
    delays = [retriers.delay(jittered, 1, source) for _ in range(200)]
    assert all(0 <= delay <= 20 for delay in delays)
    assert min(delays) < 2
    assert max(delays) > 18


def test_the_same_source_of_randomness_gives_the_same_delay() -> None:
    jittered = retrier("MyError", interval_seconds=10, jitter_strategy=JitterStrategy.FULL)
    first = retriers.delay(jittered, 0, random.Random(3))
    assert first == retriers.delay(jittered, 0, random.Random(3))
