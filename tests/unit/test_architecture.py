"""docs/architecture.md names every room of the house, once."""

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


@pytest.mark.parametrize(("top", "count"), [("pipeline", 12), ("tasks", 4)])
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
