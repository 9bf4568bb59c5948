"""The cache keeps at most 20 payloads for at most five minutes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.payloads.cache import PayloadCache
from pipeline.payloads.pointer import Pointer


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> PayloadCache:
    return PayloadCache(clock)


def pointer(number: int) -> Pointer:
    return Pointer(key=f"executions/a/{number}", sha256=str(number), size=number)


def is_known(cache: PayloadCache, number: int) -> bool:
    return cache.find(pointer(number)) is not None


def test_what_was_inserted_is_found(cache: PayloadCache) -> None:
    assert cache.find(pointer(1)) is None
    cache.insert(pointer(1), {"a": 1})
    found = cache.find(pointer(1))
    assert found is not None
    assert found.value == {"a": 1}


def test_null_is_a_payload_too(cache: PayloadCache) -> None:
    cache.insert(pointer(1), None)
    found = cache.find(pointer(1))
    assert found is not None
    assert found.value is None


def test_the_twenty_first_payload_drives_out_the_first(cache: PayloadCache) -> None:
    for number in range(21):
        cache.insert(pointer(number), number)
    assert [number for number in range(21) if is_known(cache, number)] == list(range(1, 21))


def test_a_payload_that_was_used_outlives_one_that_was_not(cache: PayloadCache) -> None:
    for number in range(20):
        cache.insert(pointer(number), number)
    assert is_known(cache, 0)
    cache.insert(pointer(20), 20)
    assert is_known(cache, 0)
    assert not is_known(cache, 1)


def test_a_payload_inserted_again_does_not_drive_out_another(cache: PayloadCache) -> None:
    for number in range(20):
        cache.insert(pointer(number), number)
    cache.insert(pointer(19), 19)
    assert all(is_known(cache, number) for number in range(20))


def test_a_payload_lives_five_minutes_however_often_it_is_used(
    cache: PayloadCache, clock: Clock
) -> None:
    cache.insert(pointer(1), 1)
    clock.now += 299.9
    assert is_known(cache, 1)
    clock.now += 0.1
    assert not is_known(cache, 1)


def test_a_payload_inserted_again_lives_five_more_minutes(
    cache: PayloadCache, clock: Clock
) -> None:
    cache.insert(pointer(1), 1)
    clock.now += 200
    cache.insert(pointer(1), 1)
    clock.now += 200
    assert is_known(cache, 1)


def test_threads_may_share_a_cache(cache: PayloadCache) -> None:
    def use(seed: int) -> bool:
        for step in range(2000):
            number = (seed * 7 + step) % 40
            cache.insert(pointer(number), number)
            found = cache.find(pointer((number * 3) % 40))
            if found is not None and found.value != (number * 3) % 40:
                return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(8)))
    assert sum(is_known(cache, number) for number in range(40)) == 20
