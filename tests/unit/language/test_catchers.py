"""Which catcher answers an error, and what it passes on."""

from pipeline.language import catchers
from pipeline.language.catchers import Catcher
from pipeline.language.json_path_flow import JsonPathFlow


def catcher(*error_equals: str, to: str) -> Catcher:
    return Catcher(error_equals=error_equals, next=to, flow=JsonPathFlow())


def test_the_first_matching_catcher_is_taken() -> None:
    catch = (
        catcher("Other", to="A"),
        catcher("MyError", "YourError", to="B"),
        catcher("States.ALL", to="C"),
    )
    found = catchers.find(catch, "YourError")
    assert found is not None
    assert found.next == "B"


def test_states_all_catches_what_the_others_did_not() -> None:
    found = catchers.find((catcher("Other", to="A"), catcher("States.ALL", to="B")), "MyError")
    assert found is not None
    assert found.next == "B"


def test_states_all_does_not_catch_a_runtime_error() -> None:
    assert catchers.find((catcher("States.ALL", to="A"),), "States.Runtime") is None


def test_an_error_without_catcher_is_not_caught() -> None:
    assert catchers.find((), "MyError") is None


def test_the_error_output_carries_error_and_cause() -> None:
    assert catchers.error_output("MyError", "why") == {"Error": "MyError", "Cause": "why"}
