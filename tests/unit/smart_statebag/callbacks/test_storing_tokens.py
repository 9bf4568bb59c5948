"""StoreTaskToken and StoreDistributedTaskToken (Contract 7.1)."""

import pytest

from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.store_distributed_task_token import store_distributed_task_token
from tasks.smart_statebag.store_task_token import store_task_token
from tests.bags import ARN
from tests.clocks import NOW
from tests.unit.smart_statebag.callbacks.desk import CallbackDesk, bag, main_pause


def chunk_pause() -> JsonObject:
    """The event of B, which has no bag."""
    return {
        "TaskToken": "token-1",
        "ownerId": "owner-1",
        "workflowId": "flow-1",
        "execution_id": ARN,
        "idempotency_key": "key-1",
        "MOCK_MODE": "false",
        "chunk_result": {
            "status": "PAUSED_FOR_HITP",
            "paused_segment_id": 17,
            "final_state_s3_path": "s3://states/chunk.json",
        },
        "distributed_context": {
            "is_child_execution": True,
            "parent_execution_id": ARN,
            "chunk_id": "chunk_0001",
            "chunk_index": 1,
            "paused_segment_id": 17,
            "owner_id": "owner-1",
            "workflow_id": "flow-1",
        },
    }


def branch_pause() -> JsonObject:
    """The event of D's branches."""
    return {
        "TaskToken": "token-1",
        "state_data": {**bag(), "group_loop": 5, "segment_to_run": None, "loop_counter": None},
        "branch_result": {"delta": {"paused_segment_id": 2, "final_state_s3_path": "s3://b/x"}},
        "distributed_context": {
            "parent_execution_id": ARN,
            "branch_id": "branch_7",
            "owner_id": "owner-1",
            "workflow_id": "flow-1",
        },
    }


def test_a_pause_of_the_main_loop_is_stored_with_every_attribute(desk: CallbackDesk) -> None:
    returned = store_task_token(main_pause(question="Is this right?"), desk.tools)

    pause_id = f"{ARN}#main#3#2"
    assert returned == {"stored": True, "conversation_id": ARN, "pause_id": pause_id}
    assert desk.row(pause_id) == {
        "pause_id": pause_id,
        "conversation_id": ARN,
        "scope": "main",
        "ownerId": "owner-1",
        "workflowId": "flow-1",
        "execution_id": ARN,
        "execution_name": "run-1",
        "idempotency_key": "key-1",
        "segment_to_run": 3,
        "loop_counter": 2,
        "taskToken": "token-1",
        "state_s3_path": "s3://states/state.json",
        "question": "Is this right?",
        "status": "WAITING",
        "created_at": "2027-01-15T08:00:00.000Z",
        "ttl": int(NOW) + 90_000,
    }


def test_fields_of_the_event_win_over_those_of_the_bag_unless_they_are_null(
    desk: CallbackDesk,
) -> None:
    event = main_pause(
        segment_to_run=8, loop_counter=None, conversation_id="talk-1", scope="branch/b1"
    )

    store_task_token(event, desk.tools)

    row = desk.row("talk-1#branch/b1#8#2")
    assert (row["execution_id"], row["conversation_id"]) == (ARN, "talk-1")


def test_a_repeated_pause_stores_the_newer_token(desk: CallbackDesk) -> None:
    store_task_token(main_pause(), desk.tools)
    store_task_token(main_pause(TaskToken="token-2"), desk.tools)

    assert desk.row(f"{ARN}#main#3#2")["taskToken"] == "token-2"


def test_a_setting_says_how_long_a_token_is_kept(
    desk: CallbackDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASK_TOKEN_TTL_SECONDS", "60")

    store_task_token(main_pause(), desk.tools)

    assert desk.row(f"{ARN}#main#3#2")["ttl"] == int(NOW) + 60


def test_a_question_is_cut_to_4_kb_between_two_characters(desk: CallbackDesk) -> None:
    store_task_token(main_pause(question="가" * 2000), desk.tools)

    assert desk.row(f"{ARN}#main#3#2")["question"] == "가" * 1365


@pytest.mark.parametrize(
    ("missing", "event"),
    [
        ("TaskToken", main_pause(TaskToken="")),
        ("ownerId", {"TaskToken": "token-1", "execution_id": ARN}),
        ("execution_id", {"TaskToken": "token-1", "ownerId": "owner-1"}),
        ("event", []),
    ],
)
def test_a_pause_without_what_it_needs_is_refused(
    desk: CallbackDesk, missing: str, event: JsonObject
) -> None:
    with pytest.raises(InvalidInput, match=missing):
        store_task_token(event, desk.tools)


def test_in_mock_mode_a_pause_is_approved_at_once(desk: CallbackDesk) -> None:
    desk.engine.waiting.add("token-1")

    store_task_token(main_pause(MOCK_MODE="true"), desk.tools)

    assert desk.success("token-1")["userResponse"] == {"action": "APPROVED", "comment": "mock"}
    assert desk.row(f"{ARN}#main#3#2")["status"] == "RESUMED"


def test_in_mock_mode_a_call_that_is_repeated_stores_and_answers_nothing_more(
    desk: CallbackDesk,
) -> None:
    desk.engine.waiting.add("token-1")
    store_task_token(main_pause(MOCK_MODE="true"), desk.tools)

    assert store_task_token(main_pause(MOCK_MODE="true"), desk.tools)["stored"] is True


def test_outside_mock_mode_nothing_is_answered(desk: CallbackDesk) -> None:
    desk.engine.waiting.add("token-1")

    store_task_token(main_pause(), desk.tools)

    assert desk.engine.successes == {}


def test_a_pause_of_a_chunk_is_stored_under_the_parent_execution(desk: CallbackDesk) -> None:
    returned = store_distributed_task_token(chunk_pause(), desk.tools)

    assert returned["conversation_id"] == ARN
    row = desk.row(f"{ARN}#chunk/chunk_0001#17#0")
    assert row["execution_id"] == ARN
    assert row["execution_name"] == "run-1"
    assert row["workflowId"] == "flow-1"
    assert row["idempotency_key"] == "key-1"
    assert row["state_s3_path"] == "s3://states/chunk.json"


def test_both_token_functions_write_the_same_attributes(desk: CallbackDesk) -> None:
    store_task_token(main_pause(), desk.tools)
    store_distributed_task_token(chunk_pause(), desk.tools)

    main, chunk = desk.row(f"{ARN}#main#3#2"), desk.row(f"{ARN}#chunk/chunk_0001#17#0")
    assert main.keys() == chunk.keys()


def test_a_pause_of_a_branch_of_d_takes_its_position_from_the_branch(desk: CallbackDesk) -> None:
    store_distributed_task_token(branch_pause(), desk.tools)

    row = desk.row(f"{ARN}#branch/branch_7#2#5")
    assert row["segment_to_run"] == 2
    assert row["state_s3_path"] == "s3://b/x"


def test_a_chunk_in_mock_mode_is_approved_at_once(desk: CallbackDesk) -> None:
    desk.engine.waiting.add("token-1")

    store_distributed_task_token({**chunk_pause(), "MOCK_MODE": "true"}, desk.tools)

    assert desk.success("token-1")["segment_to_run"] == 17


def test_a_distributed_pause_without_a_token_is_a_value_error(desk: CallbackDesk) -> None:
    with pytest.raises(ValueError, match="TaskToken"):
        store_distributed_task_token({**chunk_pause(), "TaskToken": None}, desk.tools)


def test_a_distributed_pause_without_a_parent_is_a_value_error(desk: CallbackDesk) -> None:
    with pytest.raises(ValueError, match="parent_execution_id"):
        store_distributed_task_token(
            {**chunk_pause(), "distributed_context": {"chunk_id": "chunk_0001"}}, desk.tools
        )


def test_a_distributed_pause_without_an_owner_is_refused(desk: CallbackDesk) -> None:
    with pytest.raises(InvalidInput, match="ownerId"):
        store_distributed_task_token(
            {"TaskToken": "t", "distributed_context": {"parent_execution_id": ARN}}, desk.tools
        )
