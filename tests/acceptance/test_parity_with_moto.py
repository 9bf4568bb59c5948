"""The four files give on our engine what they give on moto's: output, error, order of states."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from config.asl.state_machine_files import read_definition
from config.local_deployment import local_deployment
from config.settings import Settings
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.tables import IDEMPOTENCY, open_table
from tests.acceptance.entered_states import route_of
from tests.acceptance.moto_faults import (
    FAULTS,
    HEARTBEAT,
    RESULT_WRITER,
    TOLERATED_PERCENTAGE,
    MotoFault,
    states_of,
)
from tests.acceptance.moto_machine import ACCOUNT, REGION, Run, moto_machine
from tests.acceptance.smart_statebag import embedded_statebag
from tests.acceptance.state_machine_documents import FILE_OF
from tests.acceptance.workflows import Node, Workflow, edges, failing, hitp, node

MACHINE, NAME = "machine", "execution"
SLOW = pytest.mark.slow

TIMES = frozenset({"start_time", "state_durations", "timestamp", "execution_time"})
"""Fields of an output that hold times."""

TIMED_OBJECTS = frozenset({"logs_s3_path"})
"""Pointers to objects that hold times, so that their content's hash differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One execution on some of the files.

    Attributes:
        files: Their codes.
        given: The execution's input.
        status: How it ends.
        inline: The files whose inline Map it enters; what happens in the child executions of
            a distributed Map stands in their own histories.
        row: What the idempotency table holds before it starts.
    """

    files: str
    given: Mapping[str, Any]
    status: str = "SUCCEEDED"
    inline: str = ""
    row: JsonObject | None = None


def given(workflow: Workflow, **more: Any) -> Mapping[str, Any]:
    """The input of an execution with offline LLM and automatic approvals."""
    owner = {"ownerId": "owner", "workflowId": "flow", "MOCK_MODE": "true"}
    return {**owner, "workflow_config": workflow, **more}


def chain(*nodes: Node) -> Workflow:
    return {"nodes": list(nodes), "edges": edges(" ".join(each["id"] for each in nodes))}


def group(*branches: Node) -> Workflow:
    nodes = [operator("first"), *branches, operator("last")]
    return {"nodes": nodes, "edges": edges(*(f"first {each['id']} last" for each in branches))}


def unconnected(count: int) -> Workflow:
    return {"nodes": [llm(f"n{number}") for number in range(count)], "edges": []}


def operator(node_id: str) -> Node:
    return node(node_id, "operator", sets={node_id: f"of {node_id}"})


def llm(node_id: str, **config: Any) -> Node:
    return node(node_id, "llm_chat", prompt_content=f"About {node_id}", **config)


EARLIER: JsonObject = {
    "idempotency_key": "key",
    "executionArn": "arn:aws:states:us-east-1:123456789012:execution:machine:earlier",
    "output_s3_path": "s3://elsewhere/final.json",
}
SIMPLE = chain(operator("a"))
CASES = {
    "sequence": Case(
        files="ABCD", given=given(chain(operator("a"), llm("b"), hitp("c"), operator("d")))
    ),
    "branches": Case(
        files="ABCD", given=given(group(operator("x"), llm("y"), operator("z"))), inline="AC"
    ),
    "pause in a branch": Case(files="CD", given=given(group(operator("x"), hitp("y"))), inline="C"),
    "asynchronous LLM": Case(
        files="AC", given=given(chain(operator("a"), llm("b", **{"async": True}), operator("c")))
    ),
    "batches": Case(files="AC", given=given(unconnected(12)), inline="AC"),
    "chunks": Case(files="BD", given=given(unconnected(110))),
    "failing node": Case(
        files="ABCD", given=given(chain(operator("a"), failing("b"))), status="FAILED"
    ),
    "failing branch": Case(
        files="ABCD",
        given=given(group(operator("x"), failing("y"))),
        status="FAILED",
        inline="AC",
    ),
    "no owner": Case(files="ABCD", given={"workflowId": "flow"}, status="FAILED"),
    "no workflow": Case(files="ABCD", given=given({}), status="FAILED"),
    "running duplicate": Case(
        files="ABCD",
        given=given(SIMPLE, idempotency_key="key"),
        status="FAILED",
        row={**EARLIER, "status": "RUNNING"},
    ),
    "finished duplicate": Case(
        files="ABCD",
        given=given(SIMPLE, idempotency_key="key"),
        row={**EARLIER, "status": "SUCCEEDED"},
    ),
}


def definition_of(code: str, settings: Settings) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(
        read_definition(FILE_OF[code], local_deployment(settings).substitutions())
    )
    return decoded


def run_here(code: str, case: Case, directory: Path) -> Run:
    with embedded_statebag(directory, account_id=ACCOUNT, region=REGION) as bag:
        put(case.row)
        definition = definition_of(code, bag.platform.engine.settings)
        execution = bag.platform.start(definition, case.given, name=NAME)
        recorded = bag.finish(execution)
    ended = recorded.ended
    return Run(
        status=ended.status,
        output=ended.output,
        error=ended.error,
        cause=ended.cause,
        route=route_of(recorded.events),
    )


def run_on_moto(
    code: str,
    case: Case,
    patch: pytest.MonkeyPatch,
    adaptations: Sequence[MotoFault] = FAULTS,
    **fields: Any,
) -> Run:
    """Run a case on moto.

    Args:
        code: The file.
        case: What to run.
        patch: For the environment of the functions.
        adaptations: The faults of moto that the file is adapted to.
        fields: Fields of states that get another value wherever they stand.
    """
    settings = Settings(account_id=ACCOUNT, region=REGION)
    definition = definition_of(code, settings)
    for fault in adaptations:
        fault.adapt(definition)
    for state in states_of(definition):
        state.update({name: value for name, value in fields.items() if name in state})
    with moto_machine(MACHINE, definition, settings, patch) as machine:
        put(case.row)
        return machine.run(case.given, NAME)


def put(row: JsonObject | None) -> None:
    """Write a row into the idempotency table of whichever interpreter is up."""
    if row is not None:
        open_table(IDEMPOTENCY).put(row)


def timeless(value: Any) -> Any:
    """A value with its times, and the pointers that hold some, left out."""
    if isinstance(value, list):
        return [timeless(each) for each in value]
    if not isinstance(value, dict):
        return value
    left_out = TIMES | TIMED_OBJECTS
    return {name: timeless(each) for name, each in value.items() if name not in left_out}


def in_each_file() -> list[Any]:
    """Every case on each of its files; in the default suite all on C, and the first on all."""
    return [
        pytest.param(name, code, marks=() if code == "C" or name == "sequence" else SLOW)
        for name, case in CASES.items()
        for code in case.files
    ]


@pytest.mark.parametrize(("name", "code"), in_each_file())
def test_both_interpreters_agree(
    name: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    monkeypatch.setenv("STATE_STORAGE_BUCKET", f"states-{uuid4().hex[:12]}")

    ours, theirs = run_here(code, case, tmp_path), run_on_moto(code, case, monkeypatch)

    assert ours.status == case.status, ours.cause
    assert theirs.status == case.status, theirs.cause
    assert ours.route.top == theirs.route.top
    assert bool(ours.route.iterations) == (code in case.inline)
    assert ours.route.iterations == theirs.route.iterations
    assert timeless(ours.output) == timeless(theirs.output)
    assert (ours.error, ours.cause) == (theirs.error, theirs.cause)


def test_moto_still_refuses_a_whole_number_of_per_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClientError, match="ToleratedFailurePercentage"):
        run_on_moto("D", CASES["sequence"], monkeypatch, [RESULT_WRITER, HEARTBEAT])


def test_moto_still_gives_a_result_writer_no_input(monkeypatch: pytest.MonkeyPatch) -> None:
    there = run_on_moto("D", CASES["chunks"], monkeypatch, [TOLERATED_PERCENTAGE, HEARTBEAT])
    assert there.status == "FAILED"
    assert "result_writer_prefix' could not be found" in str(there.cause)


def test_moto_still_misses_an_early_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["asynchronous LLM"]
    there = run_on_moto(
        "C", case, monkeypatch, [TOLERATED_PERCENTAGE, RESULT_WRITER], HeartbeatSeconds=1
    )
    assert there.status == "FAILED"
    assert '"Error":"States.Timeout"' in str(there.cause)
