"""Tokens of pages."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from pipeline.api.call import Call
from pipeline.api.errors import ApiError
from pipeline.api.pagination import LIFETIME_SECONDS, Position, read_page
from pipeline.engine.engine import Engine

NUMBERS = list(range(250))


@dataclass
class Clock:
    """All of an engine that a page needs."""

    now: float = 1000.0

    def clock(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def page(clock: Clock, *arguments: object, **given: Any) -> tuple[list[int], str | None]:
    def fetch(after: Position | None, limit: int) -> list[int]:
        first = 0 if after is None else int(after[0]) + 1
        return NUMBERS[first : first + limit]

    call = Call(engine=cast("Engine", clock), account_id="1" * 12, region="eu-west-1", input=given)
    elements, token = read_page(call, arguments, fetch, lambda number: [number])
    return list(elements), token


@pytest.mark.parametrize(
    ("given", "size"), [({}, 100), ({"maxResults": 0}, 100), ({"maxResults": 7}, 7)]
)
def test_a_page_has_as_many_elements_as_asked_for(
    clock: Clock, given: dict[str, int], size: int
) -> None:
    elements, token = page(clock, **given)
    assert elements == NUMBERS[:size]
    assert token is not None


def test_the_last_page_has_no_token_even_when_it_is_full(clock: Clock) -> None:
    assert page(clock, maxResults=250) == (NUMBERS, None)


def test_tokens_lead_through_the_whole_list(clock: Clock) -> None:
    read, token = page(clock)
    while token is not None:
        elements, token = page(clock, nextToken=token)
        read += elements
    assert read == NUMBERS


def test_a_token_expires_after_a_day(clock: Clock) -> None:
    token = page(clock)[1]
    clock.now += LIFETIME_SECONDS - 1
    assert page(clock, nextToken=token)[0] == NUMBERS[100:200]
    clock.now += 1
    with pytest.raises(ApiError, match="InvalidToken"):
        page(clock, nextToken=token)


def test_a_token_is_good_only_for_the_arguments_it_was_made_for(clock: Clock) -> None:
    token = page(clock, "ListThings", "a")[1]
    with pytest.raises(ApiError, match="InvalidToken"):
        page(clock, "ListThings", "b", nextToken=token)


def test_a_token_that_was_changed_anywhere_is_refused(clock: Clock) -> None:
    token = page(clock)[1]
    assert token is not None
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(ApiError, match="InvalidToken"):
            page(clock, nextToken=changed)
