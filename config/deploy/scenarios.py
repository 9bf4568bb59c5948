"""The three deployment scenarios: which state machine files are live (Contract 11)."""

import argparse
import json
from pathlib import Path
from typing import Final

DIRECTORY: Final = Path(__file__).with_name("parameters")
TEMPLATE: Final = Path(__file__).with_name("template.yaml")

SCENARIOS: Final = ("a", "b", "c")
"""All legacy; v3 standard beside legacy distributed; all v3, which is the second stage of B."""


def parameters_of(scenario: str) -> dict[str, str]:
    """The parameter set of a scenario: what distinguishes it, not what every deployment names."""
    text = (DIRECTORY / f"scenario_{scenario}.json").read_text(encoding="utf-8")
    parameters: dict[str, str] = json.loads(text)
    return parameters


def parameter_file(scenario: str, more: dict[str, str]) -> str:
    """All parameters of a deployment as ``aws cloudformation deploy`` reads them from a file."""
    return json.dumps({"Parameters": {**parameters_of(scenario), **more}}, indent=2) + "\n"


def main() -> None:
    """Print the parameter file of a deployment."""
    parser = argparse.ArgumentParser(prog="python -m config.deploy.scenarios", description=__doc__)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("parameters", nargs="*", metavar="Name=value", help="others of the stack")
    arguments = parser.parse_args()
    for parameter in arguments.parameters:
        if "=" not in parameter:
            parser.error(f"{parameter!r} is not of the form Name=value")
    more = dict(parameter.split("=", 1) for parameter in arguments.parameters)
    print(parameter_file(arguments.scenario, more), end="")  # noqa: T201 (this command's output)


if __name__ == "__main__":
    main()
