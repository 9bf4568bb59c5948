"""MergeCallback (Contract 7.3)."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.merge_callback import merge_callback
from tests.unit.smart_statebag.callbacks.desk import CallbackDesk, bag

CALLBACK: JsonObject = {
    "status": "RESUMED",
    "userResponse": {"action": "APPROVED"},
    "pause_id": "talk#main#3#2",
    "segment_to_run": 3,
    "ownerId": "somebody else",
    "state_data": {"state_s3_path": "s3://elsewhere/state.json"},
}


def event(desk: CallbackDesk, state: Json, **fields: Json) -> JsonObject:
    path = desk.write_state(state)
    return {
        "previous_final_state": None,
        "previous_final_state_s3_path": path,
        "callback_result": CALLBACK,
        "state_data": bag(state_s3_path=path, state_history=[{"id": "earlier"}]),
        "segment_to_run": 3,
        "ownerId": "owner-1",
        "workflowId": "flow-1",
        **fields,
    }


def test_the_answer_and_the_permission_enter_the_state_and_nothing_else(
    desk: CallbackDesk,
) -> None:
    merged = merge_callback(event(desk, {"topic": "tea"}), desk.tools)

    assert merged["new_current_state"] == {
        "topic": "tea",
        "last_hitp_response": {"action": "APPROVED"},
        "__resume": {"segment": 3, "pause_id": "talk#main#3#2"},
    }
    assert merged.keys() == {
        "new_current_state",
        "new_state_s3_path",
        "new_state_history",
        "segment_to_run",
    }


def test_the_state_is_written_even_where_it_travels_inline(desk: CallbackDesk) -> None:
    merged = merge_callback(event(desk, {"topic": "tea"}), desk.tools)

    path = str(merged["new_state_s3_path"])
    assert "/state/hitp/2-3/" in path
    assert desk.storage.read(path) == merged["new_current_state"]


def test_a_state_above_30_kb_travels_as_a_wrapper(desk: CallbackDesk) -> None:
    merged = merge_callback(event(desk, {"text": "차" * 20_000}), desk.tools)

    wrapper = merged["new_current_state"]
    assert isinstance(wrapper, dict)
    assert wrapper["__s3_path"] == merged["new_state_s3_path"]
    stored = desk.storage.read(str(merged["new_state_s3_path"]))
    assert isinstance(stored, dict)
    assert stored["text"] == "차" * 20_000


def test_the_history_gets_one_log_entry(desk: CallbackDesk) -> None:
    merged = merge_callback(event(desk, {}), desk.tools)

    history = merged["new_state_history"]
    assert isinstance(history, list)
    earlier, entry = history
    assert earlier == {"id": "earlier"}
    assert isinstance(entry, dict)
    assert (entry["type"], entry["segment"], entry["status"]) == ("log", 3, "COMPLETED")
    assert entry["output"] == {"action": "APPROVED"}


def test_a_repeated_call_gives_the_same_state_and_an_entry_with_the_same_id(
    desk: CallbackDesk,
) -> None:
    first = merge_callback(event(desk, {"a": 1}), desk.tools)
    desk.clock.sleep(5)
    second = merge_callback(event(desk, {"a": 1}), desk.tools)

    assert first["new_state_s3_path"] == second["new_state_s3_path"]
    assert ids(first) == ids(second)


def test_a_segment_in_the_callback_is_applied(desk: CallbackDesk) -> None:
    callback = {**CALLBACK, "segment_to_run": 5}

    merged = merge_callback(event(desk, {}, callback_result=callback), desk.tools)

    assert merged["segment_to_run"] == 5
    assert resume_of(merged)["segment"] == 5


def test_without_one_the_segment_stays(desk: CallbackDesk) -> None:
    merged = merge_callback(event(desk, {}, callback_result={"response": "yes"}), desk.tools)

    assert merged["segment_to_run"] == 3
    assert resume_of(merged) == {"segment": 3, "pause_id": None}


def test_a_null_pointer_of_the_result_leaves_that_of_the_bag(desk: CallbackDesk) -> None:
    given = event(desk, {"topic": "tea"}, previous_final_state_s3_path=None)

    merged = merge_callback(given, desk.tools)

    assert state_of(merged)["topic"] == "tea"


def test_an_inline_state_stands_in_for_a_missing_pointer(desk: CallbackDesk) -> None:
    given = event(desk, {}, previous_final_state={"topic": "tea"})
    given = {**given, "previous_final_state_s3_path": None, "state_data": bag(state_s3_path=None)}

    merged = merge_callback(given, desk.tools)

    assert state_of(merged)["topic"] == "tea"


def ids(merged: JsonObject) -> list[Json]:
    history = merged["new_state_history"]
    assert isinstance(history, list)
    return [entry["id"] for entry in history if isinstance(entry, dict)]


def state_of(merged: JsonObject) -> JsonObject:
    state = merged["new_current_state"]
    assert isinstance(state, dict)
    return state


def resume_of(merged: JsonObject) -> JsonObject:
    resume = state_of(merged)["__resume"]
    assert isinstance(resume, dict)
    return resume
