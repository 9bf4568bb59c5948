"""Every case on the pure interpreter."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.language.definition import parse_definition
from pipeline.language.errors import InvalidDefinition
from tests.conformance.answers import answering
from tests.conformance.cases import (
    Case,
    all_cases,
    cases_that_run,
    check_cause,
    check_ended,
    check_history,
)
from tests.pure_engine import run_purely


def _functions(case: Case) -> dict[str, Callable[[Any], Any]]:
    named = {name: answering(answers) for name, answers in case.functions.items()}

    def invoke(arguments: dict[str, Any]) -> dict[str, Any]:
        function = named[arguments["FunctionName"].rpartition(":")[2]]
        payload = function(arguments.get("Payload"))
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": payload}

    return named | {"invoke": invoke}


@pytest.mark.parametrize("case", cases_that_run(), ids=lambda case: case.id)
def test_interpreter_gives_what_aws_gives(case: Case) -> None:
    ended = run_purely(case.definition, case.content["input"], _functions(case))
    check_ended(case, status=ended.status, output=ended.output, error=ended.error, why=ended.cause)
    check_cause(case, ended.cause)
    check_history(case, ended.event_types)


@pytest.mark.parametrize(
    "case", [case for case in all_cases() if case.is_refused], ids=lambda case: case.id
)
def test_definition_is_refused_with_the_place_of_each_problem(case: Case) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        parse_definition(case.definition)
    assert sorted({problem.place for problem in refused.value.problems}) == sorted(
        set(case.content["problems"])
    )


def test_every_part_of_the_specification_has_cases() -> None:
    assert len(all_cases()) >= 400
    assert len({case.content["name"] for case in all_cases()}) == len(all_cases())
