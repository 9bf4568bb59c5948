"""The rooms of the house: docs/architecture.md names each once, and the tests have walls too."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `((?:pipeline|tasks)/[a-z_]+)/` \|", re.MULTILINE)


def _rooms(top: str) -> set[str]:
    return {f"{top}/{path.parent.name}" for path in (ROOT / top).glob("*/__init__.py")}


def _named() -> list[str]:
    return ROW.findall((ROOT / "docs" / "architecture.md").read_text())


@pytest.mark.parametrize(("top", "count"), [("pipeline", 13), ("tasks", 4)])
def test_the_table_names_every_room_once(top: str, count: int) -> None:
    named = Counter(room for room in _named() if room.startswith(f"{top}/"))
    assert named == Counter(_rooms(top))
    assert len(named) == count


def test_the_table_lists_the_rooms_of_pipeline_from_top_to_bottom() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = [each["layers"] for each in contracts["contracts"] if each.get("exhaustive")]
    floor_of = {
        f"pipeline/{room.strip()}": floor
        for floor, rooms in enumerate(layers)
        for room in rooms.split("|")
    }
    floors = [floor_of[room] for room in _named() if room.startswith("pipeline/")]
    assert floors == sorted(floors)


def test_only_unit_tests_import_from_tests_unit() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if "unit" not in path.parts]
    assert len(files) > 100
    assert [str(path) for path in files if _imports_unit_tests(path.read_text())] == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("from tests.unit.smart_statebag import desks", True),
        ("from tests.unit import smart_statebag", True),
        ("from tests import machines, unit", True),
        ("import tests.unit.language", True),
        ("def later():\n    from tests.unit.ledger import rows", True),
        ("from tests import machines", False),
        ("from tests.units import metre", False),
    ],
)
def test_an_import_from_tests_unit_is_found_however_it_is_written(
    statement: str, *, expected: bool
) -> None:
    assert _imports_unit_tests(statement) is expected


def _imports_unit_tests(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module)):
                names = [f"{module}.{alias.name}" for alias in node.names]
            case _:
                continue
        if any(name.split(".")[:2] == ["tests", "unit"] for name in names):
            return True
    return False
