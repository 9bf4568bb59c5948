"""Condition, update and projection expressions of the local tables."""

from typing import Any

import pytest

from pipeline.integrations.services.attribute_expressions import (
    AttributeExpression,
    InvalidExpressionText,
    projected,
)

ITEM = {
    "status": {"S": "RUNNING"},
    "ttl": {"N": "10.0"},
    "owner": {"M": {"name": {"S": "Kim"}}},
    "done": {"BOOL": False},
}
NAMES = {"#s": "status", "#n": "name"}
VALUES = {":r": {"S": "RUNNING"}, ":ten": {"N": "10"}, ":k": {"S": "K"}, ":f": {"BOOL": False}}


def expression(text: str, item: dict[str, Any] = ITEM) -> AttributeExpression:
    return AttributeExpression(text, item, NAMES, VALUES)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("#s = :r", True),
        ("#s <> :r", False),
        ("missing <> :r", True),
        ("missing = :r", False),
        ("ttl = :ten", True),
        ("ttl < :ten", False),
        ("ttl >= :ten", True),
        ("ttl < :r", False),
        ("missing < :ten", False),
        ("done = :f", True),
        ("attribute_exists(ttl)", True),
        ("attribute_not_exists(missing)", True),
        ("attribute_exists(owner.missing)", False),
        ("begins_with(owner.#n, :k)", True),
        ("begins_with(ttl, :k)", False),
        ("NOT #s = :r", False),
        ("#s = :r OR #s = :k AND ttl < :ten", True),
        ("(#s = :r OR #s = :k) AND ttl < :ten", False),
    ],
)
def test_a_condition_holds_as_in_dynamodb(text: str, holds: bool) -> None:
    assert expression(text).holds() is holds


@pytest.mark.parametrize(
    "text",
    ["", "#s =", "#s = :r )", "#x = :r", "#s = :nothing", "#s ? :r", "#s LIKE :r", "(#s = :r"],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpressionText):
        expression(text).holds()


def test_an_update_sees_the_item_as_it_was() -> None:
    after = expression("SET ttl = ttl + :ten, before = ttl, #s = :k REMOVE done ADD tries :ten")
    assert after.updated() == {
        "status": {"S": "K"},
        "ttl": {"N": "20.0"},
        "before": {"N": "10.0"},
        "owner": {"M": {"name": {"S": "Kim"}}},
        "tries": {"N": "10"},
    }


@pytest.mark.parametrize(
    "text", ["PUT a = :r", "SET owner.name = :r", "SET a = :r + :ten", "SET a"]
)
def test_what_is_no_update_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpressionText):
        expression(text).updated()


def test_a_projection_keeps_what_it_lists() -> None:
    assert projected(ITEM, "#s, missing, ttl", NAMES) == {
        "status": {"S": "RUNNING"},
        "ttl": {"N": "10.0"},
    }
