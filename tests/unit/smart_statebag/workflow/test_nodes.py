"""Node types (Contract 6.5) and errors of nodes (5.5)."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.history_entries import Journal, Position
from tasks.smart_statebag.workflow.in_memory import run_graph
from tasks.smart_statebag.workflow.llm import OfflineProvider
from tasks.smart_statebag.workflow.node_errors import NodeError
from tasks.smart_statebag.workflow.nodes import NodeContext, NodeFailed, run_node
from tasks.smart_statebag.workflow.nodes.addresses import AddressRules
from tasks.smart_statebag.workflow.nodes.protected_keys import PROTECTED_KEYS


@pytest.fixture
def context(services) -> NodeContext:
    position = Position(execution_id="arn:e", segment=3)
    journal = Journal(position=position)
    return NodeContext(services=services, journal=journal, run_node=run_node, run_graph=run_graph)


def run(context, state, **node):
    normal = normalise({"nodes": [{"id": "n", **node}]})
    context = replace(context, subgraphs=normal["subgraphs"])
    return run_node(normal["nodes"][0], state, context)


def official(**config):
    return {"type": "operator_official", "config": config}


def test_operator_writes_its_literals(context) -> None:
    sets = {"a": 1, "b": "{{ not_a_template }}"}
    assert run(context, {}, type="operator", config={"sets": sets}) == sets


def test_official_operator_reads_by_template_or_key(context) -> None:
    state = {"o": {"k": [1]}, "t": "x"}
    assert run(context, state, **official(strategy="echo", input="{{ o.k }}")) == {"n_result": [1]}
    config = official(strategy="echo", input_key="o.k[0]", output_key="out")
    assert run(context, state, **config) == {"out": 1}
    config = official(strategy="list_append", input_key="o.k", params={"item": "{{ t }}"})
    assert run(context, state, **config) == {"n_result": [1, "x"]}


def test_error_handling_of_an_official_operator(context) -> None:
    failing = {"strategy": "to_int", "input": "x"}
    with pytest.raises(NodeFailed) as failed:
        run(context, {}, **official(**failing))
    assert failed.value.info.error_type == "StrategyFailed"
    fallback = official(**failing, error_handling="fallback", fallback=0)
    assert run(context, {}, **fallback) == {"n_result": 0}
    assert run(context, {}, **official(**failing, error_handling="skip")) == {}


@pytest.mark.parametrize("key", [*sorted(PROTECTED_KEYS), "__anything", "__resume"])
def test_protected_key_cannot_be_written(context, key) -> None:
    with pytest.raises(NodeFailed) as failed:
        run(context, {}, type="operator", config={"sets": {key: 1}})
    assert failed.value.info.error_type == "ProtectedStateKey"
    assert key in failed.value.info.error


def test_llm_writes_answer_and_meta(context) -> None:
    config = {"prompt_content": "Say {{ x }}", "model": "m", "system_prompt": "Be {{ x }}"}
    writes = run(context, {"x": "hi"}, type="llm", config=config)
    assert writes["n_output"].startswith("[offline:m] ")
    assert writes["n_output"].endswith(" Say hi")
    assert writes["n_meta"]["provider"] == "offline"
    assert writes["n_meta"]["model"] == "m"
    usage = writes["n_meta"]["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    entry = context.journal.entries[-1]
    assert (entry["type"], entry["content"]) == ("ai_thought", writes["n_output"])
    assert entry["usage"] == usage


def test_llm_with_a_schema_writes_the_value(context) -> None:
    schema = {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}
    config = {"prompt_content": "x", "response_schema": schema, "output_key": "answer"}
    assert run(context, {}, type="llm", config=config)["answer"] == {"ok": False}


def each(on_error="fail", **more):
    doubled = {
        "id": "double",
        **official(
            strategy="math_multiply",
            input="{{ item }}",
            params={"operand": 2},
            output_key="doubled",
        ),
    }
    config = {"input_list_key": "xs", "sub_workflow": {"nodes": [doubled]}, "on_error": on_error}
    return {"type": "for_each", "config": {**config, **more}}


def test_for_each_keeps_item_order(context) -> None:
    writes = run(context, {"xs": [3, 1, 2]}, **each())
    assert writes == {"for_each_results": [{"doubled": 6}, {"doubled": 2}, {"doubled": 4}]}
    assert [entry["node_id"] for entry in context.journal.entries] == ["double"] * 3 + ["n"]
    assert len({entry["id"] for entry in context.journal.entries}) == 4


def test_for_each_fails_or_collects(context) -> None:
    with pytest.raises(NodeFailed) as failed:
        run(context, {"xs": [1, "a"]}, **each())
    assert failed.value.info.node_id == "double"
    results = run(context, {"xs": [1, "a"]}, **each("collect"))["for_each_results"]
    assert results[0] == {"doubled": 2}
    assert results[1]["error"]["Error"] == "StrategyFailed"


@pytest.mark.parametrize(
    ("state", "error"),
    [({"xs": list(range(21))}, "TooManyItems"), ({"xs": "abc"}, "NotAList"), ({}, "NotAList")],
)
def test_for_each_refuses(context, state, error) -> None:
    with pytest.raises(NodeFailed) as failed:
        run(context, state, **each())
    assert failed.value.info.error_type == error


def test_for_each_offers_its_list_to_the_store(context) -> None:
    services = replace(context.services, offload=lambda node, value: {"kept": [node, len(value)]})
    context = replace(context, services=services)
    assert run(context, {"xs": [1, 2]}, **each(output_key="out")) == {"out": {"kept": ["n", 2]}}


def looping(**config):
    node = {
        "id": "add",
        **official(
            strategy="math_add",
            input_key="total",
            params={"operand": "{{ i }}"},
            output_key="total",
        ),
    }
    return {"type": "loop", "config": {"nodes": [node], "loop_var": "i", **config}}


def test_loop_ends_by_its_condition(context) -> None:
    writes = run(context, {"total": 0}, **looping(condition="total >= 3", max_iterations=9))
    assert writes == {"total": 3, "loop_exit_reason": "condition", "loop_max_reached": False}


def test_loop_ends_by_its_limit(context) -> None:
    writes = run(context, {"total": 0}, **looping())
    assert writes == {"total": 10, "loop_exit_reason": "max_iterations", "loop_max_reached": True}


def test_subgraph_has_a_state_of_its_own(context) -> None:
    inner = {
        "nodes": [{"id": "in", **official(strategy="echo", input_key="given", output_key="got")}]
    }
    node = {
        "type": "subgraph",
        "subgraph_inline": inner,
        "input_mapping": {"outer": "given"},
        "output_mapping": {"got": "result"},
    }
    assert run(context, {"outer": 5, "given": 6}, **node) == {"result": 5}


def test_subgraph_by_reference_that_calls_itself_has_an_end(context) -> None:
    again = {"nodes": [{"id": "again", "type": "subgraph", "subgraph_ref": "again"}]}
    configuration = {
        "nodes": [{"id": "n", "type": "group", "subgraph_ref": "again"}],
        "subgraphs": {"again": again},
    }
    normal = normalise(configuration)
    context = replace(context, subgraphs=normal["subgraphs"])
    with pytest.raises(NodeFailed) as failed:
        run_node(normal["nodes"][0], {}, context)
    assert failed.value.info.error_type == "SubgraphTooDeep"


@pytest.mark.parametrize(
    "node_type", ["aggregator", "input", "output", "start", "end", "trigger", "parallel_group"]
)
def test_marks_write_nothing_but_an_entry(context, node_type) -> None:
    assert run(context, {"a": 1}, type=node_type, label="Here") == {}
    assert context.journal.entries[0]["name"] == "Here"


def test_entry_has_the_fields_of_the_contract(context) -> None:
    run(context, {}, **official(strategy="log", params={"message": "m", "id": "setup"}))
    entry = context.journal.entries[0]
    assert set(entry) == {
        *("id", "type", "name", "node_id", "segment", "status", "timestamp", "content"),
        *("details", "usage", "input", "output", "error"),
    }
    assert (entry["id"], entry["type"], entry["content"]) == ("setup", "log", "m")
    assert (entry["segment"], entry["status"]) == (3, "COMPLETED")
    assert entry["timestamp"] == 1_700_000_000.0


def flaky(failures, retryable=True):
    """A provider that fails some times and then answers."""

    class Flaky:
        def complete(self, request):
            if failures:
                raise NodeError("LLMThrottled", failures.pop(0), retryable=retryable)
            return OfflineProvider().complete(request)

    return lambda name, mock: Flaky()


def test_retryable_errors_are_tried_again_with_growing_pauses(context, clock) -> None:
    context = replace(context, services=replace(context.services, provider=flaky(["1", "2", "3"])))
    assert "n_output" in run(context, {}, type="llm", config={"prompt_content": "x"})
    assert clock.pauses == [2.0, 4.0, 8.0]


def test_attempts_are_told_when_they_are_used_up(context, clock) -> None:
    context = replace(context, services=replace(context.services, provider=flaky(list("12345"))))
    retry = {"max_retries": 1, "base_delay": 0.5}
    with pytest.raises(NodeFailed) as failed:
        run(context, {}, type="llm", config={"prompt_content": "x", "retry_config": retry})
    assert clock.pauses == [0.5]
    info = failed.value.info.as_json()
    assert [attempt["attempt"] for attempt in info["attempts"]] == [1, 2]
    assert (info["Error"], info["error_type"]) == ("LLMThrottled", "LLMThrottled")
    assert (info["Cause"], info["retryable"]) == ("2", True)
    assert (info["node_id"], info["segment_id"]) == ("n", 3)


def test_other_errors_are_not_tried_again(context, clock) -> None:
    provider = flaky(["1"], retryable=False)
    context = replace(context, services=replace(context.services, provider=provider))
    with pytest.raises(NodeFailed):
        run(context, {}, type="llm", config={"prompt_content": "x"})
    assert clock.pauses == []


def test_cause_is_cut_to_its_limit(context) -> None:
    with pytest.raises(NodeFailed) as failed:
        run(context, {}, **official(strategy="assert", params={"message": "m" * 9000}))
    assert len(failed.value.info.as_json()["Cause"]) == 4096
    assert len(failed.value.info.as_json(256)["Cause"]) == 256


class Site(BaseHTTPRequestHandler):
    """A site that echoes, refuses and redirects."""

    def do_GET(self) -> None:
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://internal.test/secret")
            self.end_headers()
            return
        status = 404 if self.path.startswith("/gone") else 200
        length = int(self.headers.get("Content-Length") or 0)
        body = {
            "path": self.path,
            "host": self.headers["Host"],
            "token": self.headers["X-Token"],
            "body": json.loads(self.rfile.read(length) or "null"),
        }
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site():
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def calling(context, site):
    rules = AddressRules(
        ports=frozenset({site}),
        allow_private=True,
        resolve=lambda host, port: {"api.test": ["127.0.0.1"]}.get(host, []),
    )
    return replace(context, services=replace(context.services, addresses=rules))


def test_api_call_writes_status_and_response(calling, site) -> None:
    config = {
        "url": f"http://api.test:{site}/{{{{ where }}}}",
        "method": "post",
        "headers": {"X-Token": "{{ token }}"},
        "params": {"q": "{{ where }}"},
        "json": {"n": "{{ n }}"},
    }
    state = {"where": "here", "token": "t", "n": 5}
    writes = run(calling, state, type="api_call", config=config)
    assert writes["n_status"] == 200
    assert writes["n_response"] == {
        "path": "/here?q=here",
        "host": f"api.test:{site}",
        "token": "t",
        "body": {"n": 5},
    }


def test_api_call_accepts_errors_if_told_to(calling, site) -> None:
    config = {"url": f"http://api.test:{site}/gone", "accept_errors": True}
    writes = run(calling, {}, type="api_call", config=config)
    assert (writes["n_status"], writes["n_error"]["path"]) == (404, "/gone")
    with pytest.raises(NodeFailed) as failed:
        run(calling, {}, type="api_call", config={"url": config["url"]})
    assert failed.value.info.error_type == "ApiCallFailed"


def test_redirect_to_a_refused_place_is_refused(calling, site) -> None:
    with pytest.raises(NodeFailed) as failed:
        run(calling, {}, type="api_call", config={"url": f"http://api.test:{site}/away"})
    assert failed.value.info.error_type == "AddressRefused"


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://x.test/", ["127.0.0.1"]),
        ("http://x.test/", ["8.8.8.8", "10.0.0.1"]),
        ("http://x.test/", ["169.254.169.254"]),
        ("http://x.test/", ["::1"]),
        ("http://x.test/", ["::ffff:192.168.1.1"]),
        ("http://x.test/", ["fe80::1%eth0"]),
        ("http://x.test/", ["0.0.0.0"]),  # noqa: S104 - an address that is refused
        ("http://x.test:8080/", ["8.8.8.8"]),
        ("ftp://x.test/", ["8.8.8.8"]),
        ("file:///etc/passwd", ["8.8.8.8"]),
    ],
)
def test_address_is_refused(url, addresses) -> None:
    rules = AddressRules(resolve=lambda host, port: addresses)
    with pytest.raises(NodeError) as refusal:
        rules.address_of(httpx.URL(url))
    assert refusal.value.error_type == "AddressRefused"


def test_public_address_is_allowed() -> None:
    rules = AddressRules(resolve=lambda host, port: ["8.8.8.8", "2001:4860:4860::8888"])
    assert rules.address_of(httpx.URL("https://x.test/a")) == "8.8.8.8"


def test_rules_come_from_the_settings() -> None:
    rules = AddressRules.from_environment(
        {"API_CALL_PORTS": "8080", "API_CALL_ALLOW_PRIVATE": "true"}
    )
    assert (rules.ports, rules.allow_private) == (frozenset({8080}), True)
    assert AddressRules.from_environment({}).ports == frozenset({80, 443})
