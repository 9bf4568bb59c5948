"""A definition as a graph: scopes of states, and the transitions between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]
"""A definition, or a part of one, as parsed JSON that conforms to the specification."""

_ENDING = ("Succeed", "Fail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An arrow from one state to another of the same scope.

    Attributes:
        label: The Choice rule that takes it, ``Default``, or empty.
    """

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state as a node.

    Attributes:
        type: ASL's ``Type``.
        detail: What it does, in a few words: the function, the time it waits, ...
        catches: Names of the states that its catchers go to.
        ends: Whether its scope can end with it.
        scopes: Branches of a Parallel, the item processor of a Map; else empty.
    """

    name: str
    type: str
    detail: str
    catches: tuple[str, ...]
    ends: bool
    scopes: tuple["Scope", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The states of a machine, a branch or an item processor."""

    start_at: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]


def graph_of(document: Document) -> Scope:
    """The graph of a definition that conforms to the specification."""
    states = document["States"]
    return Scope(
        start_at=document["StartAt"],
        states=tuple(_state(name, fields) for name, fields in states.items()),
        transitions=tuple(
            transition for name, fields in states.items() for transition in _from(name, fields)
        ),
    )


def all_states(scope: Scope) -> Iterator[State]:
    """Every state of a scope, at any depth; a state comes before those inside it."""
    for state in scope.states:
        yield state
        for inner in state.scopes:
            yield from all_states(inner)


def inner_documents(fields: Document) -> tuple[Document, ...]:
    """The branches of a Parallel state, the item processor of a Map state; else none."""
    if fields["Type"] == "Parallel":
        return tuple(fields["Branches"])
    if fields["Type"] == "Map":
        return (fields["ItemProcessor"] if "ItemProcessor" in fields else fields["Iterator"],)
    return ()


def _state(name: str, fields: Document) -> State:
    return State(
        name=name,
        type=fields["Type"],
        detail=_detail(fields),
        catches=tuple(dict.fromkeys(catcher["Next"] for catcher in fields.get("Catch", ()))),
        ends=bool(fields.get("End")) or fields["Type"] in _ENDING,
        scopes=tuple(graph_of(inner) for inner in inner_documents(fields)),
    )


def _from(name: str, fields: Document) -> Iterator[Transition]:
    if "Next" in fields:
        yield Transition(source=name, target=fields["Next"])
    for rule in fields.get("Choices", ()):
        yield Transition(source=name, target=rule["Next"], label=_condition(rule))
    if "Default" in fields:
        yield Transition(source=name, target=fields["Default"], label="Default")


def _condition(rule: Document) -> str:
    """A Choice rule in one line: its expression, or ``$.a StringEquals "b"``."""
    if "Condition" in rule:
        return str(rule["Condition"])
    for operator in ("And", "Or"):
        if operator in rule:
            return f" {operator.lower()} ".join(f"({_condition(part)})" for part in rule[operator])
    if "Not" in rule:
        return f"not ({_condition(rule['Not'])})"
    operator = next(key for key in rule if key not in ("Variable", "Next", "Assign", "Comment"))
    return f"{rule.get('Variable', '')} {operator} {rule[operator]!r}"


def _detail(fields: Document) -> str:
    match fields["Type"]:
        case "Task":
            return _called(fields)
        case "Wait":
            return _waited_for(fields)
        case "Map":
            return _mode(fields)
        case "Fail":
            return str(fields.get("Error", ""))
        case _:
            return ""


def _called(fields: Document) -> str:
    """The function of a Task state, or the last parts of its resource."""
    resource = str(fields["Resource"])
    if ":lambda:invoke" in resource:
        arguments = fields.get("Parameters") or fields.get("Arguments") or {}
        named = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
        if isinstance(named, str):
            return _last_part(named)
    return _last_part(resource) if ":function:" in resource else resource.rpartition(":::")[2]


def _last_part(arn: str) -> str:
    return arn.removesuffix(":$LATEST").rpartition(":")[2].strip("${}")


def _waited_for(fields: Document) -> str:
    for field, text in (("Seconds", "{} s"), ("Timestamp", "until {}")):
        if field in fields:
            return text.format(fields[field])
    return str(fields.get("SecondsPath") or fields.get("TimestampPath") or "")


def _mode(fields: Document) -> str:
    (processor,) = inner_documents(fields)
    mode = processor.get("ProcessorConfig", {}).get("Mode", "INLINE").lower()
    most = fields.get("MaxConcurrency")
    return f"{mode}, {most} at a time" if most else mode
