"""The execution that a page is about."""

import json
import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.api.call import Output
from pipeline.api.translated_errors import as_api_errors
from pipeline.console.graphs.graph import Scope, graph_of
from pipeline.console.graphs.layout import Drawing, draw
from pipeline.console.records.reading import RECORDS
from pipeline.console.view import View, address
from pipeline.engine.arns import read_execution_arn
from pipeline.executions.child_executions import Child, find_child
from pipeline.executions.lifecycle import find_execution
from pipeline.executor.redrivability import why_not
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An execution, or a child execution of a map run.

    Attributes:
        row: The execution; of a child, as if it were any. Its id is that of its history.
        child: The child, or None.
        definition: What it runs: the machine's, or that of the map state's item processor.
    """

    row: ExecutionRow
    child: Child | None
    definition: str

    @property
    def execution_id(self) -> str:
        """Id of the execution, or of the one that a child belongs to."""
        return self.child.row.execution_id if self.child else self.row.id

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.row.status is not ExecutionStatus.RUNNING


def subject_of(view: View) -> Subject:
    """The execution whose ARN is in the address.

    Raises:
        ApiError: There is none, or it belongs to another account.
    """
    with as_api_errors():
        arn = read_execution_arn(view.session.account_id, view.parameter("arn"), express=False)
        child = find_child(view.engine, arn.text) if arn.label is not None else None
        row = child.execution if child else find_execution(view.engine, arn.text)
    described = view.ask("DescribeStateMachineForExecution", executionArn=arn.text)
    return Subject(row=row, child=child, definition=described["definition"])


def head(view: View, subject: Subject) -> Output:
    """What the head of each page about an execution shows."""
    row = subject.row
    with RECORDS.of(view.engine, row.id) as record:
        event_count = len(record.events)
    return {
        "row": row,
        "child": subject.child,
        "event_count": event_count,
        "has_bag": "state_data" in subject.definition,
        "is_over": subject.is_over,
        "seconds": (row.stopped_at or view.engine.clock()) - row.started_at,
        "redrivable": subject.child is None and why_not(view.engine, row) is None,
        "commands": _commands(row, subject),
        "updates": None if subject.is_over else address("updates", arn=row.arn),
    }


@lru_cache(maxsize=32)
def drawing_of(definition: str) -> tuple[Scope, Drawing]:
    """The graph of a definition and its drawing."""
    document: Any = json.loads(definition)
    graph = graph_of(document)
    return graph, draw(graph)


def _commands(row: ExecutionRow, subject: Subject) -> dict[str, str]:
    """The ``aws`` commands that do the same as the page's buttons."""
    arn = shlex.quote(row.arn)
    commands = {"describe": f"aws stepfunctions describe-execution --execution-arn {arn}"}
    if not subject.is_over:
        commands["stop"] = f"aws stepfunctions stop-execution --execution-arn {arn}"
    elif subject.child is None and row.status is not ExecutionStatus.SUCCEEDED:
        commands["redrive"] = f"aws stepfunctions redrive-execution --execution-arn {arn}"
    return commands
