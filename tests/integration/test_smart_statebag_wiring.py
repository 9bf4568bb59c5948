"""The Smart StateBag on the engine: functions, environment, callbacks, tables, machines."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.asl.state_machine_files import FILES, V3_STANDARD, read_definition
from config.asl.substitutions import FUNCTIONS
from config.local_deployment import function_environment, local_deployment
from config.settings import Settings
from pipeline.executions.lifecycle import start_execution
from pipeline.executions.starting import start_machine
from pipeline.integrations.functions.function import PythonFunction
from pipeline.integrations.functions.functions_file import load_functions
from pipeline.ledger.rows import ExecutionRow
from tasks.celery import create_app
from tasks.host.execution_ended import FUNCTION
from tasks.host.machines import DISTRIBUTED, LIVE, STANDARD, deploy_machines, machine_arn
from tasks.smart_statebag.bag.state_bucket import load_from_s3, state_storage
from tasks.smart_statebag.process_services import process_services
from tasks.smart_statebag.resume import resume
from tasks.smart_statebag.tables import IDEMPOTENCY, open_table
from tests.platforms import Platform, embedded_platform, server_platform
from tests.server_processes import own_services

PACKAGED_FUNCTIONS = Settings.model_fields["functions_file"].default
BRANCHES = 3


def workflow() -> dict[str, Any]:
    """Trigger, operator, llm, a group of three, an approval, operator."""
    nodes: list[dict[str, Any]] = [
        {"id": "begin", "type": "trigger"},
        {"id": "set", "type": "operator", "config": {"sets": {"first": 1}}},
        {
            "id": "write",
            "type": "llm_chat",
            "config": {"prompt_content": "Two lines about {{ topic }}", "output_key": "text"},
        },
        *(official(f"branch{i}", "list_append", "found", "found", item=i) for i in range(BRANCHES)),
        {"id": "join", "type": "aggregator"},
        official("check", "echo", "text", "approved_text") | {"hitp": True},
        {"id": "last", "type": "operator", "config": {"sets": {"last": 2}}},
    ]
    pairs = [("begin", "set"), ("set", "write"), ("join", "check"), ("check", "last")]
    for i in range(BRANCHES):
        pairs += [("write", f"branch{i}"), (f"branch{i}", "join")]
    edges = [{"source": source, "target": target} for source, target in pairs]
    return {"initial_state": {"topic": "tea", "found": []}, "nodes": nodes, "edges": edges}


def official(node: str, strategy: str, given: str, output: str, **params: Any) -> dict[str, Any]:
    config = {"strategy": strategy, "input_key": given, "params": params, "output_key": output}
    return {"id": node, "type": "operator_official", "config": config}


def execution_input(**fields: Any) -> dict[str, Any]:
    given = {"ownerId": "owner", "workflowId": "wiring", "workflow_config": workflow()}
    return given | fields


def start(platform: Platform, file: str, **fields: Any) -> ExecutionRow:
    substitutions = local_deployment(platform.app.settings).substitutions()
    return start_execution(
        platform.engine,
        machine_name=file.removesuffix(".json"),
        definition=read_definition(file, substitutions),
        input=execution_input(**fields),
    )


def final_state(output: Any) -> Any:
    return load_from_s3(output["final_state_s3_path"])


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Platform]:
    """For one test: a process has one environment, and other tests here have other platforms."""
    with embedded_platform(tmp_path, functions_file=PACKAGED_FUNCTIONS) as platform:
        yield platform


@pytest.mark.parametrize("name", sorted({*FUNCTIONS.values(), "AsyncLLMWorker", FUNCTION}))
def test_every_function_of_the_machines_is_one_that_a_worker_can_call(name: str) -> None:
    function = load_functions(PACKAGED_FUNCTIONS, "queue").by_name[name]
    assert isinstance(function, PythonFunction)
    module, _, attribute = function.handler.partition(":")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_the_environment_follows_from_the_settings(tmp_path: Path) -> None:
    derived = function_environment(Settings(data_dir=tmp_path), {})
    assert derived["STATE_STORAGE_DIR"] == str(tmp_path / "s3")
    assert derived["STATE_STORAGE_BUCKET"]
    assert derived["IDEMPOTENCY_TABLE"] == local_deployment(Settings(), {}).idempotency_table


def test_what_the_operator_has_set_is_never_overridden(tmp_path: Path) -> None:
    given = {"S3_BUCKET": "own", "IDEMPOTENCY_TABLE": "keys", "STATE_STORAGE_DIR": "/elsewhere"}
    settings = Settings(data_dir=tmp_path)
    assert function_environment(settings, given).keys() == {
        "METRICS_TEXTFILE_DIR",
        "STATE_STORAGE_BUCKET",
        "TASK_TOKEN_TABLE",
        "WORKFLOWS_TABLE",
    }
    assert function_environment(settings, given)["STATE_STORAGE_BUCKET"] == "own"
    premises = local_deployment(settings, given)
    assert (premises.state_bucket, premises.idempotency_table) == ("own", "keys")


def test_states_lie_in_the_bucket_of_the_payloads_where_that_is_in_s3() -> None:
    settings = Settings(object_store="s3://payloads/below", s3_directory=None)
    assert function_environment(settings, {})["STATE_STORAGE_BUCKET"] == "payloads"
    assert local_deployment(settings, {}).state_bucket == "payloads"


def test_a_worker_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    before, services_before = dict(os.environ), process_services()
    app = create_app(Settings(data_dir=tmp_path))
    assert app.worker_engine
    assert os.environ["STATE_STORAGE_DIR"] != before.get("STATE_STORAGE_DIR")
    assert process_services() is not services_before
    app.close_engine()
    assert dict(os.environ) == before
    assert process_services() is services_before


@pytest.mark.parametrize("file", FILES)
def test_each_machine_brings_the_same_workflow_to_the_same_end(
    embedded: Platform, file: str
) -> None:
    ended = embedded.wait(start(embedded, file, MOCK_MODE="true"))
    assert (ended.status, ended.error, ended.cause) == ("SUCCEEDED", None, None)
    state = final_state(ended.output)
    assert state["found"] == list(range(BRANCHES))
    assert state["text"] == state["approved_text"]
    assert "Two lines about tea" in state["text"]
    assert (state["first"], state["last"]) == (1, 2)
    assert state["last_hitp_response"] == {"action": "APPROVED", "comment": "mock"}


def test_a_token_answered_within_its_own_call_never_stalls_its_execution(
    embedded: Platform,
) -> None:
    # The answer moves the frame while its worker still holds it: another thread of the same
    # worker may claim it before the call returns, and must keep it.
    running = [start(embedded, V3_STANDARD, MOCK_MODE="true") for _ in range(16)]
    assert {embedded.wait(execution).status for execution in running} == {"SUCCEEDED"}


def test_a_person_resumes_an_execution_through_the_tables_of_the_engine(
    embedded: Platform,
) -> None:
    execution = start(embedded, V3_STANDARD)
    answers: list[Any] = []

    def answered() -> bool:
        answers.append(resume("owner", execution_id=execution.arn, response={"ok": True}))
        return bool(answers[-1]["statusCode"] == 200)

    embedded.until(answered)
    ended = embedded.wait(execution)
    assert final_state(ended.output)["last_hitp_response"] == {"ok": True}
    again = resume("owner", execution_id=execution.arn, response={"ok": False})
    assert again["statusCode"] == 404


def test_a_key_that_was_used_gives_the_first_execution_s_result(embedded: Platform) -> None:
    first = embedded.wait(start(embedded, V3_STANDARD, MOCK_MODE="true", idempotency_key="once"))

    def row() -> Any:
        return open_table(IDEMPOTENCY).get({"idempotency_key": "once"})

    embedded.until(lambda: row()["status"] == "SUCCEEDED", what=lambda: f"{row()} to be closed")
    second = embedded.wait(start(embedded, V3_STANDARD, MOCK_MODE="true", idempotency_key="once"))
    assert second.status == "SUCCEEDED"
    assert second.output["executionArn"]["S"] == first.output["execution_id"]
    assert second.output["output_s3_path"]["S"] == first.output["final_state_s3_path"]


def test_asynchronous_llm_work_goes_to_the_workers_of_its_queue(
    embedded: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASYNC_DISPATCH", "celery")
    config = workflow()
    next(node for node in config["nodes"] if node["id"] == "write")["config"]["async"] = True
    execution = start(embedded, V3_STANDARD, MOCK_MODE="true", workflow_config=config)
    ended = embedded.wait(execution)
    assert ended.status == "SUCCEEDED"
    assert "Two lines about tea" in final_state(ended.output)["text"]
    entered = [event.details.get("name") for event in embedded.history(execution)]
    assert "WaitForAsyncLLMCallback" in entered


def test_both_machines_are_deployed_and_started_by_their_alias(embedded: Platform) -> None:
    deployed = deploy_machines(embedded.engine)
    assert [one.file for one in deployed] == [
        "aws_step_functions_v3.json",
        "aws_step_functions_distributed_v3.json",
    ]
    again = deploy_machines(embedded.engine)
    assert [one.version_arn for one in again] == [one.version_arn for one in deployed]
    for name in (STANDARD, DISTRIBUTED):
        execution = start_machine(
            embedded.engine,
            f"{machine_arn(embedded.app.settings, name)}:{LIVE}",
            input=execution_input(MOCK_MODE="true"),
        )
        assert embedded.wait(execution).status == "SUCCEEDED"


def test_a_canary_gets_its_share_and_a_full_deployment_everything(tmp_path: Path) -> None:
    new = create_app(Settings(data_dir=tmp_path))
    legacy = create_app(
        Settings(data_dir=tmp_path, state_machine_definition="aws_step_functions.json")
    )
    old_version = deploy_machines(legacy.engine)[0].version_arn
    canary, unchanged = deploy_machines(new.engine, canary_percent=10)
    shares = {route.version_arn: route.weight for route in canary.alias.routing}
    assert shares == {old_version: 90, canary.version_arn: 10}
    assert [route.weight for route in unchanged.alias.routing] == [100]
    promoted = deploy_machines(new.engine)[0]
    shares = {route.version_arn: route.weight for route in promoted.alias.routing}
    assert shares == {canary.version_arn: 100}
    for app in (new, legacy):
        app.close_engine()


def test_prefork_workers_share_bucket_tables_and_tokens(tmp_path: Path, s3_server: str) -> None:
    with (
        own_services(s3_server) as services,
        server_platform(
            tmp_path,
            services,
            functions_file=PACKAGED_FUNCTIONS,
            tables="local",
            event_bus="local",
        ) as platform,
    ):
        # This process asks for the state and answers, as an operator's console does.
        assert platform.app.worker_engine
        assert state_storage().bucket == services.object_store.removeprefix("s3://")
        mocked = start(platform, V3_STANDARD, MOCK_MODE="true", idempotency_key="server")
        asking = start(platform, V3_STANDARD)
        platform.until(
            lambda: resume("owner", execution_id=asking.arn, response="yes")["statusCode"] == 200,
            seconds=60,
        )
        for execution in (mocked, asking):
            ended = platform.wait(execution, 60)
            assert (ended.status, ended.cause) == ("SUCCEEDED", None)
            assert final_state(ended.output)["found"] == list(range(BRANCHES))
        key = {"idempotency_key": "server"}
        platform.until(lambda: (open_table(IDEMPOTENCY).get(key) or {})["status"] == "SUCCEEDED")
