"""The functions file: one TOML table for each function, with its provider and address."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.integrations.functions.function import (
    MAX_CALL_SECONDS,
    CeleryFunction,
    Function,
    HttpFunction,
    LambdaFunction,
    PythonFunction,
)
from pipeline.integrations.functions.function_reference import parse_function_reference
from pipeline.integrations.functions.functions import Functions
from pipeline.integrations.invalid_file import InvalidFile

_HANDLER = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_TASK = re.compile(r"\S+")
_ARN = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9_-]+"
    r"(:(\$LATEST|[a-zA-Z0-9_-]+))?"
)
_URL = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class FunctionProblem:
    """One thing wrong with the functions file.

    Attributes:
        table: ``[functions."name"]`` as written in the file, or the file's path.
        key: The key in that table, or None for the table itself.
        message: What is wrong, as the end of a sentence.
    """

    table: str
    key: str | None
    message: str

    def __str__(self) -> str:
        subject = self.table if self.key is None else f"{self.table} {self.key}"
        return f"{subject}: {self.message}"


class InvalidFunctions(InvalidFile):
    """The functions file cannot be used."""

    contents = "The functions file"


class _Table:
    """Reads one function's table, and collects its problems."""

    def __init__(self, name: str, content: Mapping[str, Any]) -> None:
        self.name = name
        self.heading = f'[functions."{name}"]'
        self.content = content
        self.problems: list[FunctionProblem] = []

    def report(self, key: str | None, message: str) -> None:
        self.problems.append(FunctionProblem(self.heading, key, message))

    def text(self, key: str, pattern: re.Pattern[str], expected: str) -> str:
        """A required text.

        If it is not as expected, reports a problem and returns an empty text.
        """
        value = self.content.get(key)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        found = "is missing" if value is None else f"is {value!r}"
        self.report(key, f"{found}, expected {expected}")
        return ""

    def queue(self, default: str) -> str:
        if "queue" not in self.content:
            return default
        return self.text("queue", re.compile(r"[\w.-]+"), "the name of a Celery queue")

    def seconds(self, key: str, default: float) -> float:
        value = self.content.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        self.report(key, f"is {value!r}, expected a number of seconds above 0")
        return default

    def reject_other_keys(self, known: Iterable[str]) -> None:
        for key in self.content.keys() - {"provider", "queue", *known}:
            self.report(key, "there is no such key for this provider")


def _python(table: _Table, queue: str) -> Function:
    table.reject_other_keys({"handler"})
    handler = table.text("handler", _HANDLER, "'module:function'")
    return PythonFunction(name=table.name, handler=handler, queue=queue)


def _celery(table: _Table, queue: str) -> Function:
    table.reject_other_keys({"task"})
    task = table.text("task", _TASK, "the name of a Celery task")
    return CeleryFunction(name=table.name, task=task, queue=queue)


def _http(table: _Table, queue: str) -> Function:
    table.reject_other_keys({"url", "timeout_seconds"})
    return HttpFunction(
        name=table.name,
        url=table.text("url", _URL, "an http:// or https:// URL"),
        queue=queue,
        timeout_seconds=table.seconds("timeout_seconds", MAX_CALL_SECONDS),
    )


def _lambda(table: _Table, queue: str) -> Function:
    table.reject_other_keys({"arn"})
    arn = table.text("arn", _ARN, "the ARN of a function")
    return LambdaFunction(name=table.name, reference=arn, queue=queue)


PROVIDERS: Mapping[str, Callable[[_Table, str], Function]] = {
    "python": _python,
    "celery": _celery,
    "http": _http,
    "lambda": _lambda,
}


def load_functions(path: Path, default_queue: str) -> Functions:
    """Read the functions file.

    Args:
        path: The TOML file.
        default_queue: Queue of the functions that name none.

    Raises:
        InvalidFunctions: The file is missing or something in it is wrong.
    """
    document = _read(path)
    tables = document.pop("functions", {})
    problems = [FunctionProblem(key, None, "expected [functions.<name>] only") for key in document]
    if not isinstance(tables, dict):
        problems.append(FunctionProblem("functions", None, "expected [functions.<name>] tables"))
        tables = {}
    by_name: dict[str, Function] = {}
    for name, content in tables.items():
        table = _Table(name, content if isinstance(content, dict) else {})
        function = _function(table, default_queue)
        problems.extend(table.problems)
        if function is not None:
            by_name[name] = function
    if problems:
        raise InvalidFunctions(path, tuple(problems))
    return Functions(by_name=by_name)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidFunctions(path, (FunctionProblem(str(path), None, str(error)),)) from error


def _function(table: _Table, default_queue: str) -> Function | None:
    reference = parse_function_reference(table.name)
    if reference is None or reference.qualifier is not None:
        table.report(None, "expected a function's name or ARN, without a qualifier")
    provider = table.content.get("provider")
    if not isinstance(provider, str) or provider not in PROVIDERS:
        found = "is missing" if provider is None else f"is {provider!r}"
        table.report("provider", f"{found}, expected one of {', '.join(PROVIDERS)}")
        return None
    return PROVIDERS[provider](table, table.queue(default_queue))
