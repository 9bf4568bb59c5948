"""Checks the SAM template once for each scenario, as CloudFormation would get it.

The template is given the scenario's parameters, transformed by aws-sam-translator and linted by
cfn-lint. ``python -m config.deploy.check`` prints what is wrong and fails.
"""

import copy
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import boto3.session

# The three libraries of the check ship no type information.
from cfnlint.api import lint  # type: ignore[import-untyped]
from cfnlint.config import ManualArgs  # type: ignore[import-untyped]
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from config.deploy.scenarios import SCENARIOS, TEMPLATE, parameters_of

Template = dict[str, Any]

REGION: Final = "us-east-1"

SAMPLE: Final[Mapping[str, str]] = {
    "Release": "check",
    "ArtefactBucketName": "statebag-releases",
    "StateBucketName": "statebag-state",
    "EventBusName": "statebag-events",
}
"""Parameters without a default, which every deployment names for itself."""


def load_template() -> Template:
    """The SAM template, its short forms (``!Ref``) written out."""
    template: Template = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return template


def with_parameters(template: Template, parameters: Mapping[str, str]) -> Template:
    """A copy of the template whose parameters have these values as defaults.

    Raises:
        KeyError: The template has no such parameter.
    """
    filled = copy.deepcopy(template)
    for name, value in parameters.items():
        parameter = filled["Parameters"][name]
        parameter["Default"] = int(value) if parameter["Type"] == "Number" else value
    return filled


def transformed(template: Template, parameters: Mapping[str, str]) -> Template:
    """What the SAM transform makes of the template, with these values as defaults."""
    filled = with_parameters(template, parameters)
    session = boto3.session.Session(region_name=REGION)
    translator = Translator({}, Parser(), boto_session=session)
    cloudformation: Template = translator.translate(filled, dict(parameters))
    translator.metrics.publish()  # to nowhere; the library warns about figures left unpublished
    return cloudformation


def problems_of(scenario: str) -> list[str]:
    """What cfn-lint finds, before and after the transform, with the scenario's parameters."""
    template, parameters = load_template(), {**SAMPLE, **parameters_of(scenario)}
    stages = {
        "template": with_parameters(template, parameters),
        "transformed": transformed(template, parameters),
    }
    return [
        f"scenario {scenario}, {stage}: {match.rule.id} {match.message}"
        for stage, document in stages.items()
        for match in lint(json.dumps(document), config=ManualArgs(regions=[REGION]))
    ]


def main() -> int:
    """Print the problems of all scenarios; 1 if there are any."""
    problems = [problem for scenario in SCENARIOS for problem in problems_of(scenario)]
    report = problems or [f"Scenarios {', '.join(SCENARIOS)}: nothing to report."]
    print("\n".join(report))  # noqa: T201 (the command's output)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
