"""What TestState's inspection data shows of a state, by its type and its query language.

The recorded answers of AWS decide which fields it leaves out.
"""

from pipeline.language.json_value import JsonObject
from pipeline.language.query_language import QueryLanguage
from pipeline.language.state_machine import State
from pipeline.language.states.fail import Fail
from pipeline.language.states.map import Map
from pipeline.language.states.parallel import Parallel
from pipeline.language.states.pass_ import Pass
from pipeline.language.states.task import Task

_LIMITS = ("toleratedFailureCount", "toleratedFailurePercentage")
_RESULTS = frozenset({"result", "afterResultSelector", "afterResultPath"})
_HIDDEN: dict[type[State], frozenset[str]] = {
    Map: frozenset({"result"}),
    Parallel: frozenset({"afterInputPath", "afterParameters", "result"}),
    Pass: frozenset({"result"}),
    Task: frozenset(),
}
"""What a state that has a result does not show in JSONPath; any other shows nothing of results."""

_HIDDEN_OF_A_FIXED_RESULT = frozenset({"afterInputPath", "afterParameters"})
_HIDDEN_IN_JSONATA = frozenset({"afterArguments", "result"})


def shown_data(state: State, language: QueryLanguage, gathered: JsonObject) -> JsonObject:
    """The part of the gathered data that is shown.

    Args:
        state: The state under test.
        language: The query language it is written in.
        gathered: What the data was after each field, by the names of InspectionData.
    """
    hidden = _hidden(state, language)
    if isinstance(state, Fail) and language is QueryLanguage.JSON_PATH:
        gathered = gathered | {"afterInputPath": gathered["input"]}
    if isinstance(state, Map):
        given = (state.tolerated_failure_count, state.tolerated_failure_percentage)
        hidden |= {name for name, limit in zip(_LIMITS, given, strict=True) if limit is None}
    return {name: value for name, value in gathered.items() if name not in hidden}


def _hidden(state: State, language: QueryLanguage) -> frozenset[str]:
    if language is QueryLanguage.JSONATA:
        return frozenset() if isinstance(state, Task) else _HIDDEN_IN_JSONATA
    if isinstance(state, Pass) and state.result is not None:
        return _HIDDEN_OF_A_FIXED_RESULT
    return _HIDDEN.get(type(state), _RESULTS)
