"""``merge_callback`` and ``merge_async`` (Contract 4.9)."""

import pytest

from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.state_data_manager import merge_async_result, merge_callback_result
from tests.bags import PREFIX, entry
from tests.unit.smart_statebag.state_data_manager.desk import Desk, bag_in, result


def merge(desk: Desk, bag: Json, callback: Json) -> JsonObject:
    return merge_callback_result({"state_data": bag, "callback_result": callback}, desk.tools)


@pytest.mark.parametrize(
    "field",
    ["user_response", "userResponse", "human_response", "user_callback_result", "response"],
)
@pytest.mark.parametrize("payload", [False, True])
def test_each_name_of_an_answer_is_understood(desk: Desk, field: str, payload: bool) -> None:
    callback: JsonObject = {field: {"ok": "예"}}

    output = merge(desk, desk.bag(), {"Payload": callback} if payload else callback)

    assert bag_in(output)["last_hitp_response"] == {"ok": "예"}


def test_the_first_present_name_counts_even_if_it_is_null(desk: Desk) -> None:
    output = merge(desk, desk.bag(), {"response": "later", "user_response": None})

    assert bag_in(output)["last_hitp_response"] is None


@pytest.mark.parametrize("callback", [{"approved": True}, "yes", ["a"], None])
def test_without_any_of_the_names_the_whole_is_the_answer(desk: Desk, callback: Json) -> None:
    assert bag_in(merge(desk, desk.bag(), callback))["last_hitp_response"] == callback


def test_the_answer_goes_into_a_new_state_document(desk: Desk) -> None:
    bag = desk.bag(segment_to_run=2)

    output = merge(desk, bag, {"userResponse": "yes", "pause_id": "c#main#2#1"})

    merged = bag_in(output)
    assert output.keys() == {"state_data", "next_action"}
    assert output["next_action"] == "CONTINUE"
    assert f"{PREFIX}/state/hitp/0-2/" in str(merged["state_s3_path"])
    assert desk.state_of(merged) == {
        "topic": "tea",
        "last_hitp_response": "yes",
        "__resume": {"segment": 2, "pause_id": "c#main#2#1"},
    }


def test_neither_segment_nor_loop_counter_moves(desk: Desk) -> None:
    merged = bag_in(merge(desk, desk.bag(segment_to_run=1, loop_counter=5), {"response": "x"}))

    assert (merged["segment_to_run"], merged["loop_counter"]) == (1, 5)


@pytest.mark.parametrize(("given", "segment"), [(2, 2), ("2", 1), (None, 1), (True, 1)])
def test_only_an_integer_segment_of_the_callback_is_applied(
    desk: Desk, given: Json, segment: int
) -> None:
    merged = bag_in(
        merge(desk, desk.bag(segment_to_run=1), {"response": "x", "segment_to_run": given})
    )

    state = desk.state_of(merged)
    assert isinstance(state, dict)
    assert merged["segment_to_run"] == segment
    assert state["__resume"] == {"segment": segment, "pause_id": None}


def test_a_failed_callback_fails_and_leaves_the_state(desk: Desk) -> None:
    bag = desk.bag()

    output = merge(desk, bag, {"status": "FAILED", "Error": "Refused", "Cause": "no"})

    assert output["next_action"] == "FAILED"
    assert bag_in(output)["last_error"] == {"Error": "Refused", "Cause": "no"}
    assert bag_in(output)["state_s3_path"] == bag["state_s3_path"]


def test_a_failed_callback_without_an_error_gets_a_name(desk: Desk) -> None:
    output = merge(desk, desk.bag(), {"status": "FAILED", "error": "someone said no"})

    assert bag_in(output)["last_error"] == {"Error": "CallbackFailed", "Cause": "someone said no"}


def test_a_repeated_callback_gives_the_same_state(desk: Desk) -> None:
    bag = desk.bag(segment_to_run=1)

    first = bag_in(merge(desk, bag, {"response": "x"}))
    second = bag_in(merge(desk, bag, {"response": "x"}))

    assert first["state_s3_path"] == second["state_s3_path"]


def test_without_a_bag_the_input_is_invalid(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        merge(desk, None, {})


def merge_async(desk: Desk, bag: Json, async_result: Json) -> JsonObject:
    return merge_async_result({"state_data": bag, "async_result": async_result}, desk.tools)


def test_an_asynchronous_result_is_taken_over_without_counting_a_loop(desk: Desk) -> None:
    path = desk.write_state({"topic": "tea", "text": "long"})

    output = merge_async(
        desk,
        desk.bag(loop_counter=4),
        result(final_state_s3_path=path, next_segment_to_run=1, new_history_logs=[entry(1)]),
    )

    bag = bag_in(output)
    assert output["next_action"] == "CONTINUE"
    assert (bag["loop_counter"], bag["segment_to_run"]) == (4, 1)
    assert (bag["state_s3_path"], bag["state_history"]) == (path, [entry(1)])


@pytest.mark.parametrize(
    ("given", "action", "error"),
    [
        (result("COMPLETE"), "COMPLETE", None),
        (result("PAUSED_FOR_HITP"), "PAUSED_FOR_HITP", None),
        (result("PAUSED_FOR_ASYNC_LLM"), "FAILED", "InvalidResult"),
        (result("NONSENSE"), "FAILED", "UnknownStatus"),
        (
            result("FAILED", error_info={"Error": "AsyncLLMProcessingFailed", "Cause": "503"}),
            "FAILED",
            "AsyncLLMProcessingFailed",
        ),
        ({"Payload": result("COMPLETE")}, "COMPLETE", None),
    ],
)
def test_each_asynchronous_status_has_its_next_action(
    desk: Desk, given: JsonObject, action: str, error: str | None
) -> None:
    output = merge_async(desk, desk.bag(), given)

    last = bag_in(output)["last_error"]
    assert output["next_action"] == action
    assert (last["Error"] if isinstance(last, dict) else None) == error
