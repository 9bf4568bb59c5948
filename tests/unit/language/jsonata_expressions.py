"""Expressions and templates, evaluated on an input."""

import random

from pipeline.language.errors import Problem
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import Json
from pipeline.language.query.jsonata import JsonataEvaluation, Undefined, parse_jsonata
from pipeline.language.query.jsonata_template import JsonataTemplate, parse_jsonata_template

NOW = 1_700_000_000.25  # 2023-11-14T22:13:20.250Z


def evaluation(document: Json = None, **variables: Json) -> JsonataEvaluation:
    sources = Sources(now=NOW, random=random.Random(7), uuid=lambda: "uuid", token=lambda: "token")
    states: dict[str, Json] = {"input": document, "context": {"State": {"Name": "S"}}}
    return JsonataEvaluation(states=states, variables=variables, sources=sources)


def evaluate(text: str, document: Json = None, **variables: Json) -> "Json | Undefined":
    return parse_jsonata(text).evaluate(evaluation(document, **variables))


def template(value: Json) -> JsonataTemplate:
    problems: list[Problem] = []
    parsed = parse_jsonata_template(value, "/States/S/Output", problems)
    assert problems == []
    return parsed
