"""What the functions of a case do."""

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any

from pipeline.language.errors import ExecutionError
from tests.conformance.cases import Case, all_cases

SEPARATOR = "--"
"""Between a case's name and its function's own, in the name under which workers know it."""

_calls: Counter[str] = Counter()
_lock = Lock()


def answering(answers: list[dict[str, Any]]) -> Callable[[Any], Any]:
    """A function that gives its answers in order, and the last one from then on."""
    counted: Counter[str] = Counter()

    def function(event: Any) -> Any:
        answer = _next_answer(answers, counted, "")
        if "raise" in answer:
            raise ExecutionError(answer["raise"]["errorType"], answer["raise"]["errorMessage"])
        return event if answer.get("echo") else answer["return"]

    return function


def registered_names() -> list[str]:
    """The names of all functions of all cases, as workers know them."""
    return [worker_name(case, name) for case in all_cases() for name in case.functions]


def worker_name(case: Case, function: str) -> str:
    """The name under which workers know a function of a case."""
    return f"{case.id.replace('/', '-')}{SEPARATOR}{function}"


def handler(event: Any, context: Any) -> Any:
    """Every function of every case, as a Lambda handler; it goes by its own name."""
    name: str = context.function_name
    answer = _next_answer(_ANSWERS[name], _calls, name)
    if "raise" in answer:
        # Lambda tells the name of the exception's class.
        raised = type(answer["raise"]["errorType"], (Exception,), {})
        raise raised(answer["raise"]["errorMessage"])
    return event if answer.get("echo") else answer["return"]


def _next_answer(answers: list[dict[str, Any]], counted: Counter[str], name: str) -> dict[str, Any]:
    with _lock:
        position = min(counted[name], len(answers) - 1)
        counted[name] += 1
    return answers[position]


_ANSWERS = {
    worker_name(case, name): answers
    for case in all_cases()
    for name, answers in case.functions.items()
}
