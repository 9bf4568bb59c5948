"""Entries of a partition map: their links, checked and shifted (Contract 6.3)."""

from collections.abc import Callable
from typing import TypeAlias

from tasks.smart_statebag.bag.errors import ConfigProblem, InvalidWorkflowConfig
from tasks.smart_statebag.bag.json_value import Json, JsonObject, is_integer
from tasks.smart_statebag.workflow.graph import objects

Entry: TypeAlias = JsonObject

NORMAL, LLM, HITP = "normal", "llm", "hitp"
PARALLEL_GROUP, AGGREGATOR = "parallel_group", "aggregator"
ENTRY_TYPES = (NORMAL, LLM, HITP, PARALLEL_GROUP, AGGREGATOR)

DEFAULT, CONDITIONAL, END = "default", "conditional", "end"


def branches_of(entry: Entry) -> list[JsonObject]:
    """The branches of a group; other entries have none."""
    return objects(entry.get("branches"))


def conditions_of(entry: Entry) -> list[JsonObject]:
    """The conditional links ``{condition, next}`` of an entry, in the order of evaluation."""
    return objects(entry.get("conditions"))


def link_mode(entry: Entry) -> str:
    """``next_mode``, from the links themselves."""
    if conditions_of(entry):
        return CONDITIONAL
    return END if entry.get("default_next") is None else DEFAULT


def whole(value: Json) -> int | None:
    """An integer of an entry, None for any other value."""
    return value if is_integer(value) and isinstance(value, int) else None


def relinked(entry: Entry, move: Callable[[int], int | None]) -> Entry:
    """The entry with every index in it moved; dependencies that have no new index are left out."""

    def moved(index: Json) -> Json:
        place = whole(index)
        return None if place is None else move(place)

    dependencies = entry.get("dependencies")
    given = dependencies if isinstance(dependencies, list) else []
    new: Entry = {
        **entry,
        "id": moved(entry["id"]),
        "dependencies": [place for place in map(moved, given) if place is not None],
        "default_next": moved(entry.get("default_next")),
        "conditions": [
            {**condition, "next": moved(condition.get("next"))}
            for condition in conditions_of(entry)
        ],
    }
    if "source_parallel_group" in entry:
        new["source_parallel_group"] = moved(entry["source_parallel_group"])
    return {**new, "next_mode": link_mode(new)}


def levelled(entries: list[Entry]) -> list[Entry]:
    """The entries with ``level`` set: 0, or 1 + the highest level among the dependencies.

    A dependency on a later entry, which only a loop unrolled by a splice has, is left out.
    """
    levels: list[int] = []
    with_levels: list[Entry] = []
    for place, entry in enumerate(entries):
        given = entry["dependencies"]
        wholes = map(whole, given if isinstance(given, list) else [])
        earlier = [other for other in wholes if other is not None and other < place]
        levels.append(1 + max(levels[other] for other in earlier) if earlier else 0)
        with_levels.append({**entry, "dependencies": [*earlier], "level": levels[place]})
    return with_levels


def check_links(partition_map: Json) -> list[Entry]:
    """The entries of a map from outside, after all checks.

    Raises:
        InvalidWorkflowConfig: An id is not the position, or a link leads out of the map.
    """
    problems: list[ConfigProblem] = []
    if not isinstance(partition_map, list) or not partition_map:
        problems.append(ConfigProblem(place="/partition_map", message="is not a list of entries"))
        raise InvalidWorkflowConfig(tuple(problems))
    _check_entries(partition_map, "/partition_map", problems)
    if problems:
        raise InvalidWorkflowConfig(tuple(problems))
    return objects(partition_map)


def _check_entries(entries: list[Json], place: str, problems: list[ConfigProblem]) -> None:
    for index, entry in enumerate(entries):
        here = f"{place}/{index}"
        if not isinstance(entry, dict) or entry.get("type") not in ENTRY_TYPES:
            problems.append(ConfigProblem(place=here, message="is not an entry of a known type"))
            continue
        if entry.get("id") != index:
            problems.append(ConfigProblem(place=f"{here}/id", message="is not its position"))
        links = [entry.get("default_next"), *(each.get("next") for each in conditions_of(entry))]
        if any(not _leads_inside(link, len(entries)) for link in links):
            problems.append(ConfigProblem(place=here, message="a link leads out of the map"))
        for number, branch in enumerate(branches_of(entry)):
            inner = branch.get("partition_map")
            if isinstance(inner, list):
                _check_entries(inner, f"{here}/branches/{number}/partition_map", problems)


def _leads_inside(link: Json, length: int) -> bool:
    return link is None or (is_integer(link) and isinstance(link, int) and 0 <= link < length)
