"""The difference of two definitions: by state, and as one graph that shows both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.console.graphs.graph import Document, Scope, State, all_states, graph_of
from pipeline.console.graphs.svg import Mark
from pipeline.console.json_difference import Change, Difference, differences

_INNER = ("Branches", "ItemProcessor", "Iterator")


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionDifference:
    """How a definition differs from an older one.

    Attributes:
        states: What happened to each state that is not the same in both.
        fields: The differing fields of each changed state; key ``""`` is the machine itself.
        graph: The states and transitions of both.
        removed: The transitions of the older one alone: pairs of names.
    """

    states: Mapping[str, Change]
    fields: Mapping[str, list[Difference]]
    graph: Scope
    removed: frozenset[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether the definitions say the same."""
        return not self.states and not self.fields

    @property
    def marks(self) -> dict[str, Mark]:
        """The marks with which the graph shows what happened to each state."""
        return {name: Mark(look=change, text=change) for name, change in self.states.items()}


def definition_difference(old: Document, new: Document) -> DefinitionDifference:
    """How ``new`` differs from ``old``; both conform to the specification."""
    before, after = _own_fields(old), _own_fields(new)
    fields = {
        name: found
        for name in after
        if name in before and (found := list(differences(before[name], after[name])))
    }
    states = {name: Change.ADDED for name in after if name not in before}
    states |= {name: Change.REMOVED for name in before if name not in after}
    states |= {name: Change.CHANGED for name in fields if name}
    old_graph, new_graph = graph_of(old), graph_of(new)
    gone = frozenset(name for name, change in states.items() if change is Change.REMOVED)
    return DefinitionDifference(
        states=states,
        fields=fields,
        graph=_merged(old_graph, new_graph, gone),
        removed=frozenset(_pairs(old_graph) - _pairs(new_graph)),
    )


def _own_fields(document: Document) -> dict[str, Any]:
    """The fields of each state without those of the states inside it; ``""`` for the machine's."""
    own: dict[str, Any] = {"": {key: document[key] for key in document if key != "States"}}
    for name, fields in _states(document, ""):
        own[name] = fields
    return own


def _states(document: Document, container: str) -> Iterator[tuple[str, Any]]:
    """Each state with its own fields, those of its scopes, and the state around it."""
    for name, fields in document["States"].items():
        own = {key: value for key, value in fields.items() if key not in _INNER}
        for key in _INNER:
            inner = fields.get(key, [])
            for number, scope in enumerate(inner if isinstance(inner, list) else [inner]):
                own[f"{key} {number}"] = {k: v for k, v in scope.items() if k != "States"}
                yield from _states(scope, name)
        yield name, own | ({"(inside)": container} if container else {})


def _pairs(scope: Scope) -> set[tuple[str, str]]:
    own = {(each.source, each.target) for each in scope.transitions}
    inner = (_pairs(inside) for state in scope.states for inside in state.scopes)
    return own.union(*inner)


def _merged(old: Scope, new: Scope, gone: frozenset[str]) -> Scope:
    """The new scope with the states and transitions that only the old one has."""
    before = {state.name: state for state in old.states}
    states = [_merged_state(before.get(state.name), state, gone) for state in new.states]
    states += [_only_gone(state, gone) for state in old.states if state.name in gone]
    names = {state.name for state in states}
    known = {(each.source, each.target) for each in new.transitions}
    transitions = new.transitions + tuple(
        each
        for each in old.transitions
        if (each.source, each.target) not in known and {each.source, each.target} <= names
    )
    return Scope(start_at=new.start_at, states=tuple(states), transitions=transitions)


def _merged_state(old: State | None, new: State, gone: frozenset[str]) -> State:
    if old is None or len(old.scopes) != len(new.scopes):
        return new
    pairs = zip(old.scopes, new.scopes, strict=True)
    return _with_scopes(new, tuple(_merged(one, other, gone) for one, other in pairs))


def _only_gone(state: State, gone: frozenset[str]) -> State:
    """A removed state; its scopes are drawn if everything in them is removed too."""
    inside = (inner.name for scope in state.scopes for inner in all_states(scope))
    return state if gone.issuperset(inside) else _with_scopes(state, ())


def _with_scopes(state: State, scopes: tuple[Scope, ...]) -> State:
    return State(
        name=state.name,
        type=state.type,
        detail=state.detail,
        catches=state.catches,
        ends=state.ends,
        scopes=scopes,
    )
