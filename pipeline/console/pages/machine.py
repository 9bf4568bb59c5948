"""State machines: the list, one of them, and the difference of two versions."""

import json
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from pipeline.api.call import Output
from pipeline.console.graphs.definition_difference import definition_difference
from pipeline.console.graphs.layout import draw
from pipeline.console.graphs.svg import svg
from pipeline.console.pages.subject import drawing_of
from pipeline.console.view import View, address
from pipeline.ledger.execution_search import count_by_status

_DAY = 86_400.0
_MAX_LISTED = 1000
_PAGE = 100


def machines(view: View) -> Response:
    """The state machines with the executions that run, and those of the last day."""
    listed = list(all_of(view, "ListStateMachines", "stateMachines"))
    text = view.query.get("name", "").strip()
    found = [machine for machine in listed if text.lower() in machine["name"].lower()]
    with view.engine.database.reading() as connection:
        counts = count_by_status(
            connection,
            [machine["stateMachineArn"] for machine in found],
            since=view.engine.clock() - _DAY,
        )
    return view.page("machines", title="State machines", machines=found, counts=counts, name=text)


def machine(view: View) -> Response:
    """One state machine, or a version of it."""
    arn = view.parameter("arn")
    described = view.ask("DescribeStateMachine", stateMachineArn=arn)
    own = ":".join(arn.split(":")[:7])
    versions = list(
        all_of(view, "ListStateMachineVersions", "stateMachineVersions", stateMachineArn=own)
    )
    _, drawing = drawing_of(described["definition"])
    selected = view.query.get("state")
    return view.page(
        "machine",
        title=described["name"],
        machine=described,
        own=own,
        version=arn.rpartition(":")[2] if arn != own else None,
        versions=versions,
        aliases=_aliases(view, own),
        graph=svg(
            drawing,
            {},
            link=lambda state: address("machine", arn=arn, state=state) + "#state",
            selected=selected,
        ),
        definition=json.dumps(json.loads(described["definition"]), indent=2, ensure_ascii=False),
        selected=selected,
        fields=_fields(described["definition"], selected),
        last_input=_last_input(view, own) if described["type"] == "STANDARD" else "{}",
    )


def difference(view: View) -> Response:
    """How one version of a state machine differs from another."""
    old, new = (
        view.ask("DescribeStateMachine", stateMachineArn=view.parameter(name))
        for name in ("old", "new")
    )
    found = definition_difference(json.loads(old["definition"]), json.loads(new["definition"]))
    return view.page(
        "difference",
        title=f"{new['name']}: difference",
        old=old,
        new=new,
        found=found,
        graph=svg(draw(found.graph), found.marks, removed=found.removed),
    )


def all_of(view: View, action: str, member: str, **members: object) -> Iterator[Output]:
    """The elements of all pages of a list action, up to a thousand."""
    token, count = None, 0
    while count < _MAX_LISTED:
        page = view.ask(action, maxResults=_PAGE, nextToken=token, **members)
        yield from page[member]
        count += len(page[member])
        token = page.get("nextToken")
        if token is None:
            return


def _aliases(view: View, arn: str) -> list[Output]:
    listed = all_of(view, "ListStateMachineAliases", "stateMachineAliases", stateMachineArn=arn)
    return [
        view.ask("DescribeStateMachineAlias", stateMachineAliasArn=alias["stateMachineAliasArn"])
        for alias in listed
    ]


def _last_input(view: View, arn: str) -> str:
    """The input of the latest execution, for the next one's form."""
    latest = view.ask("ListExecutions", stateMachineArn=arn, maxResults=1)["executions"]
    if not latest:
        return "{}"
    described = view.ask("DescribeExecution", executionArn=latest[0]["executionArn"])
    return json.dumps(json.loads(described["input"]), indent=2, ensure_ascii=False)


def _fields(definition: str, name: str | None) -> str | None:
    """The text of one state, without the states inside it."""
    found = None if name is None else _find(json.loads(definition), name)
    return None if found is None else json.dumps(found, indent=2, ensure_ascii=False)


def _find(document: Any, name: str) -> Any:
    for state, fields in document["States"].items():
        if state == name:
            return fields
        inner = fields.get("Branches", [])
        inner = inner + [fields[key] for key in ("ItemProcessor", "Iterator") if key in fields]
        for scope in inner:
            if (found := _find(scope, name)) is not None:
                return found
    return None
