"""The ``statebag`` command as a person runs it, in processes of its own."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.command_line import TIMEOUT, CommandLine, command_line, until


@pytest.fixture
def statebag(tmp_path: Path) -> CommandLine:
    return command_line(tmp_path)


def task(function: str, **fields: Any) -> dict[str, Any]:
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    return {"Type": "Task", "Resource": arn, "End": True, **fields}


def double_each() -> dict[str, Any]:
    processor = {"StartAt": "Double", "States": {"Double": task("double")}}
    return {"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}}


def test_a_successful_run_prints_its_output_alone_to_standard_output(
    statebag: CommandLine,
) -> None:
    done = statebag("run", statebag.define("m.asl.json", double_each()), "--input", "[1, 2, 3]")
    assert done.returncode == 0
    assert json.loads(done.stdout) == [2, 4, 6]
    assert "Each: 3 of 3" in done.stderr
    assert "SUCCEEDED in" in done.stderr
    assert "History: statebag history" in done.stderr
    assert f"Objects: {(statebag.directory / '.statebag').as_uri()}" in done.stderr
    assert "WARNING" not in done.stderr


def test_a_failed_run_prints_error_and_cause_as_they_are(statebag: CommandLine) -> None:
    done = statebag("run", statebag.define("m.json", {"Tea": task("refuse")}))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "FAILED in" in done.stderr
    assert "Error: OutOfStock" in done.stderr
    assert "no [bold]tea[/bold] left" in done.stderr


@pytest.mark.parametrize(
    ("given", "stdin"),
    [
        ('{"a": "π"}', ""),
        ("-", '{"a": "π"}'),
        ("input.json", ""),
        ("file://input.json", ""),
        ("/dev/stdin", '{"a": "π"}'),
    ],
)
def test_input_is_json_text_standard_input_or_a_file(
    statebag: CommandLine, given: str, stdin: str
) -> None:
    (statebag.directory / "input.json").write_text('{"a": "π"}')
    file = statebag.define("m.json", {"P": {"Type": "Pass", "End": True}})
    done = statebag("run", file, "--input", given, stdin=stdin)
    assert json.loads(done.stdout) == {"a": "π"}


def test_an_output_with_a_table_is_printed_as_one(statebag: CommandLine) -> None:
    table = {"title": "Teas", "columns": ["tea", "grams"], "rows": [["[mint]", 12345]]}
    output = {"table": {**table, "notes": ["All of them."]}}
    file = statebag.define("m.json", {"P": {"Type": "Pass", "Result": output, "End": True}})
    lines = statebag("run", file).stdout.splitlines()
    assert lines[0].strip() == "Teas"
    assert any(re.search(r"\[mint\] .* 12,345", line) for line in lines)
    assert lines[-1] == "All of them."


def test_an_output_that_only_resembles_a_table_is_json(statebag: CommandLine) -> None:
    output = {"table": {"columns": ["a", "b"], "rows": [[1]]}}
    file = statebag.define("m.json", {"P": {"Type": "Pass", "Result": output, "End": True}})
    assert json.loads(statebag("run", file).stdout) == output


PASS = {"P": {"Type": "Pass", "End": True}}
PASSES = "passes.json"


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["run", "bad.json"], {}, "/States/P/Next"),
        (["run", "none.json"], {}, "none.json cannot be read: No such file"),
        (["run", PASSES, "--input", "{,}"], {}, "The input is neither JSON nor"),
        (["run", PASSES, "--input", '{"a": 1.5,}'], {}, "The input is neither JSON nor"),
        (["run", PASSES, "--input", "[" * 100_000], {}, "nested too deeply"),
        (["run", PASSES, "--input", "no.json"], {}, "no.json cannot be read"),
        (["run", PASSES, "--input", PASSES + ".txt"], {}, "is not JSON"),
        (["run", PASSES, "--name", "a b"], {}, "'a b' cannot name an execution"),
        (["run", PASSES], {"STATEBAG_COLOUR": "red"}, "STATEBAG_COLOUR = 'red': there is no such"),
        (["run", PASSES], {"STATEBAG_CONNECTIONS_FILE": "bad.toml"}, "The connections file bad"),
        (["run", PASSES], {"STATEBAG_FUNCTIONS_FILE": "bad.toml"}, '[functions."f"] provider'),
        (["history", "none"], {}, "There is no execution none"),
        (["stop", "none"], {}, "There is no execution none"),
        (["beat"], {}, "In embedded mode beat is part of"),
        (["worker", "--queues", "a"], {}, "--queues needs server mode"),
        (["run", ".json"], {}, ".json gives the state machine no name"),
        (["run", PASSES], {"STATEBAG_DATA_DIR": PASSES}, f"{PASSES} cannot be used: File exists"),
        (["dev"], {"STATEBAG_DATA_DIR": f"{PASSES}/d"}, "cannot be used: Not a directory"),
        (["list"], {"STATEBAG_LEDGER_URL": "sqlite:///bad.db"}, "bad.db cannot be used: file is"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_place_and_exits_with_2(
    statebag: CommandLine, arguments: list[str], variables: dict[str, str], said: str
) -> None:
    statebag.define(PASSES, PASS)
    statebag.define("bad.json", {"P": {"Type": "Pass", "Next": "Q"}})
    (statebag.directory / f"{PASSES}.txt").write_text("[1, 2")
    statebag.define(".json", PASS)
    (statebag.directory / "bad.db").write_text("no database" * 100)
    (statebag.directory / "bad.toml").write_text('[functions.f]\nprovider = "pigeon"\n')
    done = statebag(*arguments, **variables)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_name_that_was_used_before_is_refused(statebag: CommandLine) -> None:
    file = statebag.define("m.json", PASS)
    assert statebag("run", file, "--name", "one").returncode == 0
    again = statebag("run", file, "--name", "one")
    assert again.returncode == 2
    assert "An execution of this name already exists" in again.stderr


def test_validate_names_each_file_and_each_problem(statebag: CommandLine) -> None:
    good = statebag.define("good.json", PASS)
    bad = statebag.define("bad.json", {"P": {"Type": "Pass", "Next": "Q", "Colour": "red"}})
    done = statebag("validate", good, bad)
    assert done.returncode == 2
    assert done.stdout == "good.json: valid\n"
    assert "bad.json: The definition has" in done.stderr
    assert "/States/P/Next" in done.stderr
    assert "/States/P/Colour" in done.stderr
    assert statebag("validate", good).returncode == 0


def test_graph_writes_svg_or_mermaid_to_standard_output(statebag: CommandLine) -> None:
    statebag.define("one.json", {"<P>": {"Type": "Pass", "End": True}})
    drawn = statebag("graph", "one.json")
    assert drawn.returncode == 0
    assert drawn.stdout.startswith("<svg ")
    assert "&lt;P&gt;" in drawn.stdout
    written = statebag("graph", "one.json", "--mermaid").stdout
    assert written.splitlines() == ["flowchart TD", '    s0["&lt;P&gt;"]']


def test_diff_names_what_differs_and_exits_with_1(statebag: CommandLine) -> None:
    statebag.define("a.json", {"P": {"Type": "Wait", "Seconds": 1, "End": True}})
    statebag.define("b.json", {"P": {"Type": "Wait", "Seconds": 2, "End": True}})
    found = statebag("diff", "a.json", "b.json")
    assert found.returncode == 1
    assert found.stdout.splitlines() == ["~ P", "    ~ /Seconds: 1 → 2"]
    assert 'class="state changed' in statebag("diff", "a.json", "b.json", "--svg").stdout
    same = statebag("diff", "a.json", "a.json")
    assert (same.returncode, same.stdout) == (0, "")


def test_an_execution_is_found_by_name_and_arn(statebag: CommandLine) -> None:
    done = statebag("run", statebag.define("m.asl.json", PASS), "--name", "one")
    arn = "arn:aws:states:us-east-1:000000000000:execution:m:one"
    histories = [statebag.history(text) for text in ("one", arn)]
    assert done.returncode == 0
    assert histories[0] == histories[1]
    assert [event["type"] for event in histories[0]] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    table = statebag("history", "one").stdout.splitlines()
    assert table[0].split() == ["id", "after", "seconds", "event", "details"]
    assert table[2].split() == ["2", "0", "0.000", "PassStateEntered", "P"]
    assert len(table) == 5


def double_each_apart() -> dict[str, Any]:
    states = double_each()
    states["Each"]["ItemProcessor"]["ProcessorConfig"] = {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }
    return states


def test_a_distributed_map_of_one_item_needs_no_sweeper_to_end(statebag: CommandLine) -> None:
    file = statebag.define("m.json", double_each_apart())
    done = statebag("run", file, "--input", "[7]", STATEBAG_REDELIVERY_SECONDS="3600")
    assert json.loads(done.stdout) == [14]


def test_the_history_of_one_iteration_of_a_distributed_map_is_found_by_its_arn(
    statebag: CommandLine,
) -> None:
    states = double_each_apart()
    done = statebag("run", statebag.define("m.json", states), "--input", "[7]", "--name", "one")
    assert done.returncode == 0
    started = next(event for event in statebag.history("one") if event["type"] == "MapRunStarted")
    map_run = started["mapRunStartedEventDetails"]["mapRunArn"]
    listed = json.loads(statebag("list", map_run, "--json").stdout)
    (child,) = listed["executions"]
    iteration = statebag.history(child["executionArn"])
    assert iteration[-1]["executionSucceededEventDetails"]["output"] == "14"


def interrupted_run(statebag: CommandLine, name: str, states: dict[str, Any], seen: str) -> None:
    """Run states, and interrupt the command once an event has happened."""
    with statebag.started("run", statebag.define("m.json", states), "--name", name) as process:
        until(lambda: seen in statebag.event_types(name))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=TIMEOUT) == 130
    assert f"To end it: statebag stop {name}" in statebag.log("run")
    assert "Traceback" not in statebag.log("run")


def test_an_interrupted_run_goes_on_with_the_next_worker(statebag: CommandLine) -> None:
    states = {"W": {"Type": "Wait", "Seconds": 8, "Next": "T"}, "T": task("double")}
    interrupted_run(statebag, "one", states, "WaitStateEntered")
    assert statebag.event_types("one")[-1] == "WaitStateEntered"
    with statebag.started("worker") as worker:
        until(lambda: "ExecutionFailed" in statebag.event_types("one"))  # 2 * {} is refused
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=TIMEOUT) == 0


def test_a_worker_told_to_stop_waits_for_the_call_that_is_running(statebag: CommandLine) -> None:
    with statebag.started(
        "run", statebag.define("m.json", {"T": task("dawdle")}), "--name", "a"
    ) as run:
        until((statebag.directory / "calls").exists)
        run.send_signal(signal.SIGINT)
        until(lambda: "Waiting for running calls" in statebag.log("run"))
        (statebag.directory / "go").touch()
        assert run.wait(timeout=TIMEOUT) == 130
    assert statebag.event_types("a")[-1] == "ExecutionSucceeded"
    assert (statebag.directory / "calls").read_text() == "called\n"


def test_a_stopped_execution_is_aborted_and_listed_so(statebag: CommandLine) -> None:
    wait = {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}
    interrupted_run(statebag, "one", wait, "WaitStateEntered")
    stopped = statebag("stop", "one", "--error", "Enough", "--cause", "It took long")
    assert stopped.returncode == 0
    assert "Stopped arn:" in stopped.stderr
    assert statebag.history("one")[-1]["executionAbortedEventDetails"] == {
        "error": "Enough",
        "cause": "It took long",
    }
    (row,) = statebag("list").stdout.splitlines()[1:]
    assert row.split()[-3:] == ["ABORTED", "m", "one"]
    assert "Enough" in statebag("describe", "one").stdout
    assert "had already ended" in statebag("stop", "one").stderr


def test_in_server_mode_workers_of_their_own_run_what_run_starts_and_watches(
    statebag: CommandLine,
    rabbitmq_vhost: str,
    redis_url: str,
    postgres_url: str,
    queue_name: str,
) -> None:
    statebag.environment.update(
        STATEBAG_BROKER_URL=rabbitmq_vhost,
        STATEBAG_RESULT_BACKEND=redis_url,
        STATEBAG_LEDGER_URL=postgres_url,
        STATEBAG_DEFAULT_QUEUE=queue_name,
    )
    (statebag.directory / "go").touch()
    retry = [{"ErrorEquals": ["OutOfStock"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["OutOfStock"], "Next": "Wait"}]
    refused = {**task("refuse", Retry=retry, Catch=catch), "Next": "Wait"}
    del refused["End"]
    file = statebag.define("m.json", {"Refuse": refused, "Wait": task("dawdle")})
    with (
        statebag.started("worker", "--concurrency", "2") as worker,
        statebag.started("beat") as beat,
    ):
        done = statebag("run", file, "--name", "one")
        assert done.returncode == 0, done.stderr + statebag.log("worker")
        assert json.loads(done.stdout) == "done"
        assert statebag.event_types("one").count("LambdaFunctionFailed") == 2
        for process in (beat, worker):
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=TIMEOUT) == 0
