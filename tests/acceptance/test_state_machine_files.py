"""Contract 10: names, counts, flows and rules of the four state machine files."""

import json
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statelint.linter import Linter  # type: ignore[import-untyped]  # ships no types

from config.asl.state_machine_files import (
    PLACEHOLDER,
    UnknownPlaceholder,
    placeholders,
    read_definition,
    substitute,
)
from config.asl.substitutions import AWS
from pipeline.language.definition import parse_definition
from tests.acceptance import state_machine_flows
from tests.acceptance.state_machine_documents import (
    ERROR_PATH,
    FAILURE,
    FILE_OF,
    PREMISES,
    document,
    places,
    text_of,
)

COUNTS = {
    "A": {"top": 51, "Task": 22, "Choice": 13, "Pass": 17, "Map": 3, "Fail": 6, "Succeed": 2},
    "B": {"top": 36, "Task": 22, "Choice": 10, "Pass": 6, "Map": 2, "Fail": 4, "Succeed": 2},
    "C": {"top": 33, "Task": 20, "Choice": 8, "Pass": 4, "Map": 3, "Fail": 6, "Succeed": 2},
    "D": {"top": 34, "Task": 21, "Choice": 9, "Pass": 8, "Map": 2, "Fail": 5, "Succeed": 2},
}
STATES = {"A": 63, "B": 46, "C": 43, "D": 47}
DEFINITION_LIMIT = 1024 * 1024
"""Bytes of a definition that CreateStateMachine takes."""
OUTPUT_STATES = {"PrepareSuccessOutput", "PrepareHybridModeOutput"}

every_file = pytest.mark.parametrize("code", "ABCD")


def flow_rows(code: str) -> list[list[str]]:
    """The rows of the flow table: name with its ``>``, type, next, catches."""
    rows: list[list[str]] = []
    for line in getattr(state_machine_flows, code).strip().splitlines():
        if line.startswith("!"):
            rows[-1].extend(line[1:].split())
        else:
            rows.append(line.split())
    return rows


def expected_catches(code: str, row: list[str]) -> list[dict[str, Any]]:
    """The catches that a row names, or those that an empty column stands for."""
    name, kind, tokens = row[0], row[1], row[3:]
    if kind == "Event":
        return [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": row[2]}]
    if not tokens and kind in ("Task", "Map") and not name.startswith(">"):
        tokens = ["default"]
    return [_catch(code, token) for token in tokens]


def _catch(code: str, token: str) -> dict[str, Any]:
    if token == "default":
        token = f"{FAILURE[code]}={ERROR_PATH[code]}"
    errors, colon, rest = token.partition(":")
    target, _, path = (rest if colon else token).partition("=")
    names = errors.split(",") if colon else ["States.ALL"]
    return {"ErrorEquals": names, "ResultPath": path, "Next": target}


@every_file
def test_counts_are_those_of_the_table(code: str) -> None:
    counted = Counter(p.state["Type"] for p in places(code))
    assert sum(counted.values()) == STATES[code]
    assert {"top": len(document(code)["States"]), **counted} == COUNTS[code]


def test_v3_has_31_7_percent_fewer_states_than_legacy() -> None:
    legacy, v3 = len(places("A")), len(places("C"))
    assert round(100 * (legacy - v3) / legacy, 1) == 31.7


@every_file
def test_every_state_goes_and_fails_where_the_tables_say(code: str) -> None:
    """Names, order, types, transitions and catches, row by row."""
    rows = flow_rows(code)
    assert [(">" if p.map else "") + p.name for p in places(code)] == [row[0] for row in rows]
    for p, row in zip(places(code), rows, strict=True):
        kind = "Task" if row[1] == "Event" else row[1]
        goes = row[2] if len(row) > 2 else None
        assert p.state["Type"] == kind, p.name
        assert p.state.get("Next", "END" if p.state.get("End") else None) == goes, p.name
        assert (p.resource == "events:putEvents") == (row[1] == "Event"), p.name
        assert p.state.get("Catch", []) == expected_catches(code, row), p.name


@every_file
def test_a_definition_has_comment_time_limit_and_no_jsonata(code: str) -> None:
    machine = document(code)
    assert machine["Comment"]
    assert machine["TimeoutSeconds"] == 604800
    assert "QueryLanguage" not in text_of(code)


@every_file
def test_a_catch_and_a_non_final_pass_have_a_result_path(code: str) -> None:
    for p in places(code):
        assert all("ResultPath" in catch for catch in p.state.get("Catch", [])), p.name
        final = p.state.get("End") is True or p.name in OUTPUT_STATES
        if p.state["Type"] == "Pass":
            assert ("ResultPath" in p.state) != final, p.name


@every_file
def test_only_a_maps_own_catch_stands_for_those_of_its_tasks(code: str) -> None:
    by_name = {p.name: p for p in places(code) if p.map is None}
    for p in places(code):
        if p.state["Type"] in ("Task", "Map"):
            last = (p.state.get("Catch") or [{"ErrorEquals": None}])[-1]["ErrorEquals"]
            assert last == ["States.ALL"] or (p.map and by_name[p.map].state["Catch"]), p.name
        for catch in p.state.get("Catch", [])[:-1]:
            assert "States.ALL" not in catch["ErrorEquals"], p.name


WAITS = {
    "A": {"WaitForCallback": (86400, None), "HandleAsyncLLM": (3600, 300)},
    "B": {"WaitForCallback": (86400, None), "WaitForDistributedCallback": (86400, 3600)},
    "C": {
        "WaitForHITPCallback": (86400, None),
        "WaitForBranchCallback": (86400, 3600),
        "WaitForAsyncLLMCallback": (3600, 300),
    },
    "D": {
        "WaitForCallback": (86400, None),
        "WaitForChunkCallback": (86400, 3600),
        "WaitForBranchCallback": (86400, 3600),
    },
}


@every_file
def test_every_wait_has_its_time_limits_and_nothing_else_has_any(code: str) -> None:
    limits = {
        p.name: (p.state.get("TimeoutSeconds"), p.state.get("HeartbeatSeconds"))
        for p in places(code)
        if p.resource.endswith(".waitForTaskToken") or "TimeoutSeconds" in p.state
    }
    assert limits == WAITS[code]


@every_file
def test_projections_select_one_value_each(code: str) -> None:
    """No ``{...}`` and no wildcard: what a path gives does not depend on how many there are."""
    computed = re.findall(r'"[^"]+\.\$": "(\$[^"]*)"', text_of(code))
    assert computed
    assert [path for path in computed if re.search(r"[*{,?]|\.\.", path)] == []


@every_file
def test_a_definition_is_valid_and_far_below_the_size_that_aws_takes(code: str) -> None:
    text = read_definition(FILE_OF[code], PREMISES)
    parse_definition(text)
    assert len(text.encode()) < DEFINITION_LIMIT / 8


@every_file
def test_statelint_finds_nothing_but_what_aws_adds_to_the_language(code: str) -> None:
    """The language's own specification knows no InputType, which AWS requires of an ItemReader."""
    problems = Linter.validate(json.loads(read_definition(FILE_OF[code], PREMISES)))
    foreign = [problem for problem in problems if '"InputType" not allowed' not in problem]
    assert foreign == []
    assert len(problems) == sum("ItemReader" in p.state for p in places(code))


@every_file
def test_only_placeholders_differ_between_aws_and_premises(code: str) -> None:
    text = text_of(code)
    pieces = PLACEHOLDER.split(text)
    fixed, names = pieces[0::2], pieces[1::2]
    expected = "".join(
        piece + value
        for piece, value in zip(fixed, [*(PREMISES[name] for name in names), ""], strict=True)
    )
    assert read_definition(FILE_OF[code], PREMISES) == expected
    assert "${" not in expected
    outside = set(re.findall(r"arn:[^\"]+", "".join(fixed)))
    assert {arn.split(":")[3:5] == ["", ""] for arn in outside} == {True}, outside


def test_aws_and_premises_give_the_same_placeholders_and_the_files_use_them_all() -> None:
    used = frozenset().union(*(placeholders(text_of(code)) for code in "ABCD"))
    assert used == set(PREMISES) == set(AWS)


def test_a_placeholder_without_a_value_is_refused_by_name() -> None:
    with pytest.raises(UnknownPlaceholder) as refused:
        substitute('["${Known}", "${Unknown}", "${Other}"]', {"Known": "x"})
    assert refused.value.names == ("Other", "Unknown")
    assert str(refused.value) == "No value for ${Other}, ${Unknown}"


@given(value=st.text())
def test_a_value_stays_inside_its_json_string(value: str) -> None:
    assert json.loads(substitute('{"name": "${Name}"}', {"Name": value})) == {"name": value}
