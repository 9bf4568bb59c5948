"""What the pages of the console show, over HTTP."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.console_server import Console
from tests.integration.api.executions import ended
from tests.machines import call, call_with_token, each, only, side_by_side

EVIL = "<script>alert('x')</script>"


def shown(page: str) -> str:
    """The text of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def run(console: Console, name: str, definition: Any, given: Any = None) -> str:
    arn = console.start(console.machine(name, definition), given, name=f"{name}-1")
    ended(console.client, arn)
    return arn


def test_the_list_of_state_machines_counts_their_executions(console: Console) -> None:
    run(console, "counted", only({"Type": "Succeed"}, "S"))
    page = console.page("machines", name="counted")
    assert "counted Standard 0 1 0" in shown(page)
    assert "No state machine's name contains" in console.page("machines", name="nothing").replace(
        "&#39;", "'"
    )


def test_text_from_definitions_inputs_and_errors_is_escaped_on_every_page(
    console: Console,
) -> None:
    fail = {"Type": "Fail", "Error": EVIL, "Cause": EVIL}
    arn = run(console, "evil", only(fail, EVIL), {EVIL: EVIL})
    machine = arn.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    for page in (
        console.page("machine", arn=machine, state=EVIL),
        console.page("executions"),
        console.page("execution", arn=arn, state=EVIL),
        console.page("timeline", arn=arn),
        console.page("events", arn=arn, text=EVIL),
        console.page("payload", arn=arn, field="input"),
    ):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_graph_marks_states_and_counts_the_iterations_of_a_map(console: Console) -> None:
    body = only(call("fail", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Back"}]), "Try")
    body["States"]["Back"] = {"Type": "Pass", "End": True}
    arn = run(console, "marked", only(each(body), "Each"), [1, 2, 3])
    page = console.page("execution", arn=arn)
    assert "Each (Map): succeeded 3 of 3" in shown(page)
    assert "Try (Task): caught 3 caught" in shown(page)
    assert "Back (Pass): succeeded 3 done" in shown(page)


def test_a_selected_state_shows_its_visits_with_the_failed_one_first(console: Console) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "Fail"}],
        "Default": "Pass",
    }
    body = only(choice, "Pick")
    body["States"] |= {"Fail": call("fail"), "Pass": {"Type": "Pass", "End": True}}
    arn = run(console, "visited", only(each(body, MaxConcurrency=1), "Each"), [0, 1, 2, 3])
    page = shown(console.page("execution", arn=arn, state="Fail"))
    assert "Each[2] failed" in page
    assert "NotYet" in page
    assert "asked with 2" in page
    assert "Stack trace" in page
    picks = shown(console.page("execution", arn=arn, state="Pick"))
    assert "3 visits" in picks
    assert "Each[0]" in picks


def test_a_visit_shows_its_attempts_input_output_and_variables(console: Console) -> None:
    retrying = call(
        "fail", Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    )
    arn = run(console, "tried", only(retrying, "Try"), {"n": 5})
    page = shown(console.page("execution", arn=arn, state="Try"))
    assert "Attempts 2" in page
    assert page.count("input of LambdaFunctionScheduled") == 2
    assigning = {"Type": "Pass", "Assign": {"colour": "mauve"}, "End": True}
    arn = run(console, "assigned", only(assigning, "Set"))
    assert "mauve" in console.page("execution", arn=arn, state="Set")


def test_the_timeline_shows_retries_branches_and_iterations(console: Console) -> None:
    branches = side_by_side(only({"Type": "Pass", "End": True}, "L"), only(call("fail"), "R"))
    arn = run(console, "timed", only(branches, "Both"), 1)
    page = console.page("timeline", arn=arn)
    assert "Both failed 2 inside" in shown(page)
    assert re.search(r"\[1\] failed NotYet .*\[0\] succeeded", shown(page))
    (inner,) = set(re.findall(r'href="(/console/timeline\?[^"]+frame=[^"#]+\.1)"', page))
    inside = console.browser.get(inner.replace("&amp;", "&")).text
    assert "Both[1]" in inside
    assert "R failed" in shown(inside)


def test_events_are_filtered_and_paged(console: Console) -> None:
    arn = run(
        console, "many", only(each(only({"Type": "Pass", "End": True}, "P")), "Each"), [0] * 40
    )
    page = shown(console.page("events", arn=arn))
    assert "1 to 50 of" in page
    passes = shown(console.page("events", arn=arn, type="PassStateEntered"))
    assert len(re.findall(r"\d PassStateEntered P ", passes)) == 40
    assert "No event matches" in console.page("events", arn=arn, text="nowhere")
    latest = shown(console.page("events", arn=arn, order="latest"))
    assert latest.index("ExecutionSucceeded") < latest.index("MapStateExited")


def test_iterations_beyond_a_page_of_the_timeline_are_on_the_next(console: Console) -> None:
    body = only({"Type": "Pass", "End": True}, "P")
    arn = run(console, "long", only(each(body), "Each"), [0] * 90)
    page = console.page("timeline", arn=arn)
    assert "1 to 40 of 90" in shown(page)
    (link,) = re.findall(r'<a href="([^"]+)#v\d+">Next</a>', page)
    following = shown(console.browser.get(link.replace("&amp;", "&")).text)
    assert "41 to 80 of 90" in following
    assert "[40]" in following
    assert "[39]" not in following


def test_executions_are_found_by_machine_status_name_and_time(console: Console) -> None:
    machine = console.machine("found", only({"Type": "Succeed"}, "S"))
    other = console.machine("lost", only({"Type": "Fail"}, "F"))
    for name in ("a_b", "axb"):
        ended(console.client, console.start(machine, name=name))
    ended(console.client, console.start(other, name="zzz"))

    def names(**query: str) -> list[str]:
        page = console.page("executions", **query)
        return re.findall(r'<th scope="row"><a [^>]+>([^<]+)</a>', page)

    assert names(machine=machine) == ["axb", "a_b"]
    assert names(name="a_b") == ["a_b"]
    assert names(status="FAILED", name="z") == ["zzz"]
    assert names(machine=machine, since="2999-01-01T00:00") == []
    assert names(machine=machine, until="2000-01-01T00:00") == []
    assert set(names(machine=machine, until="2999-01-01T00:00")) == {"axb", "a_b"}


def test_pages_of_executions_follow_each_other_without_gaps(console: Console) -> None:
    machine = console.machine("paged", only({"Type": "Succeed"}, "S"))
    for number in range(60):
        console.start(machine, name=f"p{number}")
    first = console.page("executions", machine=machine)
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = console.browser.get(older.replace("&amp;", "&")).text
    names = [re.findall(r'row"><a [^>]+>(p\d+)</a>', page) for page in (first, second)]
    assert [len(page) for page in names] == [50, 10]
    assert len({*names[0], *names[1]}) == 60


def test_a_large_payload_is_shown_on_demand_with_its_size(console: Console) -> None:
    arn = run(console, "large", only({"Type": "Pass", "End": True}, "P"), {"text": "x" * 40_000})
    page = console.page("execution", arn=arn)
    assert "in the object store" in page
    assert "x" * 100 not in page
    whole = console.page("payload", arn=arn, field="input")
    assert "x" * 40_000 in whole
    of_event = console.page("payload", arn=arn, event=2, field="input")
    assert "x" * 40_000 in of_event


@pytest.mark.parametrize(
    "uri",
    [
        "s3://elsewhere/workflow-states/o/w/pointing-1.00000000/state.json",
        "s3://workflow-state/workflow-states/o/w/another.12345678/state.json",
        "s3://workflow-state/other/o/w/x/state.json",
        "file:///etc/passwd",
    ],
)
def test_a_pointer_is_followed_only_to_the_executions_own_objects(
    console: Console, uri: str
) -> None:
    definition = only({"Type": "Pass", "Result": {"at": uri}, "End": True}, "P")
    arn = run(console, f"pointing-{abs(hash(uri))}", definition)
    answer = console.browser.get("/console/pointer", params={"arn": arn, "uri": uri})
    assert answer.status_code == 403
    assert "only to this execution" in shown(answer.text)


def test_the_state_bag_shows_each_entry_of_its_log_once(console: Console) -> None:
    entry = {"id": "a", "type": "ai_thought"}
    bag = {"state_history": [entry, entry, {"id": "b", "type": "log"}], "loop_counter": 3}
    definition = only(
        {"Type": "Pass", "Result": {"state_data": bag}, "End": True, "Comment": "state_data"}, "P"
    )
    arn = run(console, "bagged", definition)
    page = shown(console.page("bag", arn=arn))
    assert "2 entries, 1 duplicates left out" in page
    assert "loop_counter 3" in page


def test_a_form_starts_an_execution_and_remembers_the_last_input(console: Console) -> None:
    machine = console.machine("formal", only({"Type": "Pass", "End": True}, "P"))
    answer = console.act("start", machine=machine, name="by-form", input='{"cups": 3}')
    assert answer.url.path == "/console/execution"
    assert "The execution has started." in answer.text
    assert "cups" in console.page("machine", arn=machine)
    refused = console.act("start", machine=machine, input="{")
    assert refused.status_code == 400
    assert "InvalidExecutionInput" in refused.text


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("approve", {"output": '{"ok": true}'}, "SUCCEEDED"),
        ("reject", {"error": "Rejected", "cause": "too dear"}, "FAILED"),
    ],
)
def test_a_callback_is_answered_from_the_page(
    console: Console, action: str, fields: dict[str, str], status: str
) -> None:
    asks = console.api.platform.path("asks")
    definition = only(call_with_token("ask", {"asks": str(asks)}), "Ask")
    arn = console.start(console.machine(f"asking-{action}", definition))
    token = console.api.platform.read(asks)
    console.api.platform.until(
        lambda: token in console.page("execution", arn=arn), what=lambda: "the form of the answer"
    )
    console.act(action, token=token, **fields)
    assert ended(console.client, arn)["status"] == status
    assert token not in console.page("execution", arn=arn)


def test_a_failed_execution_is_redriven_from_the_page(console: Console) -> None:
    log = console.api.platform.path("log")
    definition = only(call("fail-first", InputPath="$"), "Try")
    machine = console.machine("redriven", definition)
    arn = console.start(machine, {"log": str(log), "attempts": 2})
    assert ended(console.client, arn)["status"] == "FAILED"
    assert "/console/actions/redrive" in console.page("execution", arn=arn)
    assert "The execution continues" in console.act("redrive", arn=arn).text
    assert ended(console.client, arn)["status"] == "SUCCEEDED"
    page = shown(console.page("execution", arn=arn, state="Try"))
    assert "Redrives 1" in page
    assert "Visit succeeded" in page


def test_a_difference_of_two_versions_is_coloured(console: Console) -> None:
    machine = console.machine("versioned", only({"Type": "Wait", "Seconds": 1, "End": True}, "W"))
    old = console.client.publish_state_machine_version(stateMachineArn=machine)
    console.client.update_state_machine(
        stateMachineArn=machine,
        definition=json.dumps(only({"Type": "Wait", "Seconds": 2, "End": True}, "W")),
    )
    new = console.client.publish_state_machine_version(stateMachineArn=machine)
    versions = [each["stateMachineVersionArn"] for each in (old, new)]
    page = console.page("difference", old=versions[0], new=versions[1])
    assert "W (Wait): changed changed" in shown(page)
    assert "/Seconds 1 2" in shown(page)
    alias = console.client.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": versions[0], "weight": 100}]
    )["stateMachineAliasArn"]
    console.act("route", alias=alias, version=versions[0], canary=versions[1], weight="15")
    assert "version 1: 85 % 85 % version 2: 15 %" in shown(console.page("machine", arn=machine))


def test_updates_say_that_an_execution_has_changed(console: Console) -> None:
    arn = console.start(
        console.machine("live", only({"Type": "Wait", "Seconds": 3600, "End": True}, "W"))
    )
    with console.browser.stream("GET", "/console/updates", params={"arn": arn}) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        console.client.stop_execution(executionArn=arn)
        assert next(line for line in lines if line.startswith("data")) == "data: changed"


def test_workers_and_what_they_call_are_listed(console: Console) -> None:
    gate, log = console.api.platform.path("gate"), console.api.platform.path("log")
    machine = console.machine("held", only(call("hold"), "Hold"))
    arn = console.start(machine, {"gate": str(gate), "log": str(log)}, name="held-1")
    console.api.platform.read(log)
    page = shown(console.page("workers"))
    assert re.search(r"hold Hold held-1", page)
    assert "alive" in page
    gate.touch()
    ended(console.client, arn)


@pytest.mark.parametrize(
    "address",
    [
        "machine?arn=x",
        "machine",
        "execution?arn=arn:aws:states:us-east-1:000000000000:execution:no:no",
        "map-run?arn=arn:aws:states:us-east-1:000000000000:mapRun:a/b:c",
        "events?arn=",
        "machine?arn=%00&state=%00",
    ],
)
def test_a_wrong_address_says_what_is_wrong(console: Console, address: str) -> None:
    answer: httpx.Response = console.browser.get(f"/console/{address}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
