"""Bags to work on, and the tools of StateDataManager with figures one can look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.smart_statebag.bag.hydrator import hydrate_history
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.metric import Metric
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.state_data_manager.calls import ActionTools
from tests.bags import identity
from tests.clocks import FakeClock


class Figures:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self.published: list[Metric] = []

    def publish(self, metrics: Sequence[Metric]) -> None:
        self.published += metrics

    def of(self, name: str) -> list[float]:
        return [metric.value for metric in self.published if metric.name == name]


@dataclass(slots=True, kw_only=True)
class Desk:
    """A state bucket, a clock, a sink, and bags whose state lies in the bucket."""

    storage: StateStorage
    clock: FakeClock
    figures: Figures = field(default_factory=Figures)

    @property
    def tools(self) -> ActionTools:
        return ActionTools(storage=lambda: self.storage, clock=self.clock, sink=self.figures)

    def write_state(self, state: Json, scope: str = "main", segment: int = 0) -> str:
        directory = keys_of(identity()).state(scope, loop=0, segment=segment)
        return self.storage.write(directory, state).path

    def write_logs(self, entries: list[Json], scope: str = "main") -> str:
        return self.storage.write(keys_of(identity()).logs(scope), entries).path

    def bag(self, **fields: Json) -> JsonObject:
        """A bag as InitializeStateData leaves it, as far as the actions look at it."""
        return {
            **identity(),
            "idempotency_key": "key-1",
            "MOCK_MODE": "false",
            "state_s3_path": self.write_state({"topic": "tea"}, "init"),
            "current_state": {"topic": "tea"},
            "segment_to_run": 0,
            "total_segments": 3,
            "join_segment": None,
            "loop_counter": 0,
            "max_loop_iterations": 100,
            "max_branch_iterations": 100,
            "partition_map": [{"id": 0}, {"id": 1}, {"id": 2}],
            "partition_map_s3_path": None,
            "segment_manifest": [],
            "segment_manifest_s3_path": None,
            "max_concurrency": 1,
            "failure_policy": "fail_on_any_failure",
            "merge_policy": "last_wins",
            "pending_branches": [],
            "branch_summary": None,
            "failed_branches": [],
            "failed_branches_s3_path": None,
            "distributed_chunk_summary": None,
            "failed_chunks": [],
            "failed_chunks_s3_path": None,
            "pre_snapshot_s3_path": None,
            "post_snapshot_s3_path": None,
            "state_history": [],
            "state_durations": {},
            "last_hitp_response": None,
            "last_error": None,
            "start_time": 1_799_999_000,
            "last_update_time": 1_799_999_000,
            "payload_size_kb": 1,
            **fields,
        }

    def state_of(self, bag: JsonObject) -> Json:
        return self.storage.read(str(bag["state_s3_path"]))

    def history_of(self, bag: JsonObject) -> list[Json]:
        return hydrate_history(bag, self.storage)


def result(status: Json = "CONTINUE", **fields: Json) -> JsonObject:
    """ExecuteSegment's result, the nine keys and what a v3 machine selects beside them."""
    return {
        "status": status,
        "segment_type": "normal",
        "final_state": None,
        "final_state_s3_path": None,
        "next_segment_to_run": None,
        "new_history_logs": [],
        "error_info": None,
        "branches": [],
        "inner_partition_map": None,
        "logs_s3_path": None,
        "inner_partition_map_s3_path": None,
        "total_segments": None,
        **fields,
    }


def bag_in(output: JsonObject, name: str = "state_data") -> JsonObject:
    bag = output[name]
    assert isinstance(bag, dict)
    return bag
