"""A token table, a state bucket and an engine whose answers one can look at."""

from dataclasses import dataclass, field

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.callbacks.tools import CallbackTools
from tasks.smart_statebag.tables import Table
from tests.bags import ARN, identity
from tests.clocks import FakeClock
from tests.waiting_engine import WaitingEngine


@dataclass(slots=True, kw_only=True)
class CallbackDesk:
    """Everything the functions around task tokens work with."""

    storage: StateStorage
    clock: FakeClock
    table: Table
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
