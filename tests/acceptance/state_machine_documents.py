"""The four state machine files as the tests read them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.asl.state_machine_files import DIRECTORY, FILES
from config.asl.substitutions import LocalDeployment

FILE_OF = dict(zip("ABCD", FILES, strict=True))

PREMISES = LocalDeployment(
    region="us-east-1", account_id="000000000000", state_bucket="statebag-state"
).substitutions()

ERROR_PATH = {
    "A": "$.execution_result.error_info",
    "B": "$.execution_result.error_info",
    "C": "$.state_data.last_error",
    "D": "$.state_data.last_error",
}
FAILURE = {
    "A": "NotifyExecutionFailure",
    "B": "NotifyExecutionFailure",
    "C": "NotifyAndFail",
    "D": "NotifyAndFail",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A state and where it stands.

    Attributes:
        map: Name of the Map around it; None at the top level.
        name: Its own name.
        state: Its definition.
    """

    map: str | None
    name: str
    state: dict[str, Any]

    @property
    def resource(self) -> str:
        """The service integration of a Task without its common beginning, else nothing."""
        return str(self.state.get("Resource", "")).removeprefix("arn:aws:states:::")

    @property
    def function(self) -> str:
        """The placeholder of the function that a Task invokes, else nothing."""
        name = str(self.state.get("Parameters", {}).get("FunctionName", ""))
        return name.removeprefix("${").removesuffix("}")

    @property
    def payload(self) -> Any:
        """What the function gets."""
        parameters = self.state["Parameters"]
        return parameters.get("Payload", parameters.get("Payload.$"))


def text_of(code: str) -> str:
    """A file as it is stored."""
    return (DIRECTORY / FILE_OF[code]).read_text(encoding="utf-8")


def document(code: str) -> dict[str, Any]:
    """A file, decoded."""
    decoded: dict[str, Any] = json.loads(text_of(code))
    return decoded


def places(code: str) -> list[Place]:
    """All states of a file in the order they are written, a Map before what is inside it."""
    return list(_places(document(code)["States"], None))


def _places(states: dict[str, Any], around: str | None) -> Iterator[Place]:
    for name, state in states.items():
        yield Place(map=around, name=name, state=state)
        if state["Type"] == "Map":
            yield from _places(state["ItemProcessor"]["States"], name)


def place(code: str, name: str, *, inside: str | None = None) -> Place:
    """One state of a file."""
    return next(p for p in places(code) if p.name == name and p.map == inside)


def names_in(template: dict[str, Any]) -> frozenset[str]:
    """The names that a payload template gives its fields."""
    return frozenset(name.removesuffix(".$") for name in template)
