"""The functions of the Smart StateBag keep their public names, which have no room in them."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).resolve().parents[2] / "config" / "functions.toml"
ROOM = "tasks.smart_statebag."


def _handlers() -> list[str]:
    """The handlers in the Smart StateBag's room, as ``module:function``."""
    functions = tomllib.loads(FUNCTIONS.read_text())["functions"].values()
    handlers = [str(function.get("handler", "")) for function in functions]
    return [handler for handler in handlers if handler.startswith(ROOM)]


def test_there_are_handlers_to_look_for() -> None:
    assert len(_handlers()) > 10


@pytest.mark.parametrize("handler", _handlers())
def test_a_handler_is_found_by_its_older_name_too(handler: str) -> None:
    module, function = f"tasks.{handler.removeprefix(ROOM)}".split(":")
    older, newer = import_module(module), import_module(handler.split(":", maxsplit=1)[0])
    assert callable(getattr(older, function))
    assert older.__file__ == newer.__file__
