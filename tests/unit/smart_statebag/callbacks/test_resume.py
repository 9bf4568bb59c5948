"""Resuming what waits (Contract 7.2)."""

import pytest

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.resume import lambda_handler, resume
from tasks.smart_statebag.store_task_token import store_task_token
from tests.bags import ARN
from tests.unit.smart_statebag.callbacks.desk import CallbackDesk, main_pause

PAUSE = f"{ARN}#main#3#2"
ANSWER: Json = {"action": "APPROVED"}


@pytest.fixture
def waiting(desk: CallbackDesk) -> CallbackDesk:
    desk.engine.waiting |= {"token-1", "token-2"}
    store_task_token(main_pause(), desk.tools)
    return desk


@pytest.mark.parametrize(
    "ids",
    [{"execution_id": ARN}, {"conversation_id": ARN}, {"pause_id": PAUSE}],
    ids=lambda ids: next(iter(ids)),
)
def test_an_answer_reaches_the_state_that_waits(waiting: CallbackDesk, ids: dict[str, str]) -> None:
    answered = resume("owner-1", response=ANSWER, tools=waiting.tools, **ids)

    assert answered["statusCode"] == 200
    assert answered["pause_id"] == PAUSE
    assert waiting.row(PAUSE)["status"] == "RESUMED"
    assert waiting.success("token-1") == {
        "status": "RESUMED",
        "userResponse": ANSWER,
        "human_response": ANSWER,
        "user_callback_result": ANSWER,
        "resumed_at": "2027-01-15T08:00:00.000Z",
        "conversation_id": ARN,
        "pause_id": PAUSE,
        "execution_id": ARN,
        "execution_name": "run-1",
        "ownerId": "owner-1",
        "workflowId": "flow-1",
        "current_segment": 3,
        "segment_to_run": 3,
        "state_data": {
            "ownerId": "owner-1",
            "workflowId": "flow-1",
            "execution_id": ARN,
            "segment_to_run": 3,
            "state_s3_path": "s3://states/state.json",
            "idempotency_key": "key-1",
        },
    }


def test_an_answer_above_30_kb_travels_as_a_reference(waiting: CallbackDesk) -> None:
    long = "차" * 20_000

    resume("owner-1", execution_id=ARN, response=long, tools=waiting.tools)

    reference = waiting.success("token-1")["userResponse"]
    assert isinstance(reference, dict)
    assert reference["type"] == "s3_reference"
    assert waiting.storage.read(str(reference["s3_path"])) == long


def test_of_several_pauses_the_newest_is_answered(waiting: CallbackDesk) -> None:
    waiting.clock.sleep(1)
    store_task_token(main_pause(TaskToken="token-2", segment_to_run=9), waiting.tools)

    resume("owner-1", execution_id=ARN, response=ANSWER, tools=waiting.tools)

    assert list(waiting.engine.successes) == ["token-2"]
    assert waiting.row(PAUSE)["status"] == "WAITING"


def test_an_answered_pause_is_not_answered_again(waiting: CallbackDesk) -> None:
    resume("owner-1", execution_id=ARN, response=ANSWER, tools=waiting.tools)

    again = resume("owner-1", execution_id=ARN, response=ANSWER, tools=waiting.tools)

    assert again["statusCode"] == 404


def test_nobody_answers_for_another_owner(waiting: CallbackDesk) -> None:
    for ids in ({"execution_id": ARN}, {"conversation_id": ARN}, {"pause_id": PAUSE}):
        refused = resume("owner-2", response=ANSWER, tools=waiting.tools, **ids)
        assert refused["statusCode"] == 404
    assert waiting.engine.successes == {}


def test_an_answer_without_a_response_is_refused(waiting: CallbackDesk) -> None:
    refused = resume("owner-1", execution_id=ARN, response=None, tools=waiting.tools)

    assert refused["statusCode"] == 400


def test_an_answer_to_nothing_in_particular_is_refused(waiting: CallbackDesk) -> None:
    assert resume("owner-1", response=ANSWER, tools=waiting.tools)["statusCode"] == 400
    assert resume(None, execution_id=ARN, response=1, tools=waiting.tools)["statusCode"] == 400


def test_an_answer_that_comes_too_late_is_told_so(waiting: CallbackDesk) -> None:
    waiting.engine.waiting.clear()

    late = resume("owner-1", execution_id=ARN, response=ANSWER, tools=waiting.tools)

    assert late["statusCode"] == 410
    assert waiting.row(PAUSE)["status"] == "WAITING"


def test_a_pause_that_came_meanwhile_goes_on_waiting(waiting: CallbackDesk) -> None:
    store = waiting.tools.token_store()
    answered = waiting.row(PAUSE)
    store_task_token(main_pause(TaskToken="token-2"), waiting.tools)

    store.mark_resumed(answered)

    assert waiting.row(PAUSE)["status"] == "WAITING"


@pytest.mark.parametrize("name", ["response", "feedback", "user_response", "text", "response_text"])
def test_the_handler_knows_the_names_of_a_response(name: str) -> None:
    refused = lambda_handler({"ownerId": "owner-1", name: "yes"})

    assert refused == {
        "statusCode": 400,
        "message": "An owner and an execution_id, conversation_id or pause_id are required",
    }


def test_the_handler_refuses_an_answer_without_a_response() -> None:
    assert lambda_handler({"ownerId": "owner-1", "execution_id": ARN})["statusCode"] == 400


def test_a_false_answer_is_an_answer(waiting: CallbackDesk) -> None:
    resume("owner-1", execution_id=ARN, response=False, tools=waiting.tools)

    assert waiting.success("token-1")["userResponse"] is False
