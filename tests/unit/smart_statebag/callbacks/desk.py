"""A token table, a state bucket and an engine whose answers one can look at."""

from dataclasses import dataclass, field
from pathlib import Path

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.callbacks import InvalidToken, TaskTimedOut
from tasks.smart_statebag.callbacks.tools import CallbackTools
from tasks.smart_statebag.tables import TASK_TOKENS
from tasks.smart_statebag.tables.sqlite_table import SqliteTable
from tests.unit.smart_statebag.bag.support import ARN, FakeClock, identity


@dataclass(slots=True)
class WaitingEngine:
    """An engine whose states wait for the tokens it is told, each of which it takes once."""

    waiting: set[str] = field(default_factory=set)
    successes: dict[str, Json] = field(default_factory=dict)
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    heartbeats: list[str] = field(default_factory=list)

    def send_task_success(self, token: str, output: Json) -> None:
        self._take(token)
        self.successes[token] = output

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        self._take(token)
        self.failures[token] = (error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        if token not in self.waiting:
            raise TaskTimedOut(token)
        self.heartbeats.append(token)

    def _take(self, token: str) -> None:
        if token == "":
            raise InvalidToken(token)
        if token not in self.waiting:
            raise TaskTimedOut(token)
        self.waiting.discard(token)


@dataclass(slots=True, kw_only=True)
class CallbackDesk:
    """Everything the functions around task tokens work with."""

    storage: StateStorage
    clock: FakeClock
    table: SqliteTable
    engine: WaitingEngine = field(default_factory=WaitingEngine)

    @property
    def tools(self) -> CallbackTools:
        return CallbackTools(
            storage=lambda: self.storage,
            clock=self.clock,
            callbacks=lambda: self.engine,
            tokens=lambda: self.table,
        )

    def row(self, pause_id: str, owner: str = "owner-1") -> JsonObject:
        row = self.table.get({"ownerId": owner, "pause_id": pause_id})
        assert row is not None
        return row

    def success(self, token: str) -> JsonObject:
        output = self.engine.successes[token]
        assert isinstance(output, dict)
        return output

    def write_state(self, state: Json) -> str:
        directory = keys_of(identity()).state("main", loop=0, segment=0)
        return self.storage.write(directory, state).path


def token_table(path: Path, clock: FakeClock) -> SqliteTable:
    return SqliteTable(path, "tokens", TASK_TOKENS, now=clock.now)


def bag(**fields: Json) -> JsonObject:
    """What of a bag the token functions look at."""
    return {
        **identity(),
        "idempotency_key": "key-1",
        "state_s3_path": "s3://states/state.json",
        "segment_to_run": 3,
        "loop_counter": 2,
        "MOCK_MODE": "false",
        **fields,
    }


def main_pause(**fields: Json) -> JsonObject:
    """StoreTaskToken's event in C's main loop."""
    return {
        "TaskToken": "token-1",
        "execution_id": ARN,
        "execution_name": "run-1",
        "state_data": bag(),
        **fields,
    }
