"""The outcome of a review: its report, its history, its stored objects."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.engine.engine import Engine
from pipeline.executions.history import execution_history
from pipeline.ledger.rows import ExecutionRow
from tasks.smart_statebag.bag.hydrator import hydrate_history
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of, parse_pointer
from tasks.smart_statebag.bag.state_bucket import (
    DIRECTORY,
    bucket_setting,
    open_store,
    state_storage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAt:
    """One object below the execution's prefix."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A review that has ended.

    Attributes:
        report: The text for people; None if the workflow ended before it wrote one.
        history: The complete history of the segments, archived entries too.
        prefix: Pointer to the prefix of all objects.
        objects: The objects below the prefix, each with the rest of its key.
    """

    report: str | None
    history: list[JsonObject]
    prefix: str
    objects: list[StoredAt]


def outcome_of(engine: Engine, execution: ExecutionRow) -> Outcome | None:
    """The outcome of an execution; None if it ended before it had a bag."""
    bag = _last_bag(engine, execution)
    if bag is None:
        return None
    storage = state_storage()
    prefix = f"{keys_of(bag).prefix}/"
    history = [entry for entry in hydrate_history(bag, storage) if isinstance(entry, dict)]
    state = storage.read(str(bag["state_s3_path"]))
    return Outcome(
        report=_text(state.get("report")) if isinstance(state, dict) else None,
        history=history,
        prefix=storage.pointer(prefix),
        objects=list(_objects(prefix)),
    )


def _last_bag(engine: Engine, execution: ExecutionRow) -> JsonObject | None:
    """The bag that the last state of the execution was entered with."""
    found = None
    for event in execution_history(engine, execution.id):
        details: Any = event.get("stateEnteredEventDetails")
        entered = json.loads(details["input"]) if details else None
        bag = entered.get("state_data") if isinstance(entered, dict) else None
        # A branch has a smaller bag, without a history of its own.
        if isinstance(bag, dict) and "state_history" in bag:
            found = bag
    return found


def _objects(prefix: str) -> Iterator[StoredAt]:
    store = open_store(bucket_setting(), os.environ.get(DIRECTORY))
    for pointer in state_storage().list_pointers(prefix):
        key = parse_pointer(pointer).key
        yield StoredAt(key=key.removeprefix(prefix), size_bytes=len(store.get(key).body))


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
