"""A distributed execution in a directory: a map, its configuration, and the functions on them."""

from dataclasses import dataclass

from tasks.smart_statebag.aggregate_distributed_results import aggregate_distributed_results
from tasks.smart_statebag.bag.hydrator import Hydrator
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.chunks.tools import ChunkTools, RunSegment
from tasks.smart_statebag.execute_segment import execute_segment
from tasks.smart_statebag.load_latest_state import load_latest_state
from tasks.smart_statebag.prepare_distributed_execution import prepare_distributed_execution
from tasks.smart_statebag.process_segment_chunk import process_segment_chunk
from tasks.smart_statebag.resume_chunk_processing import resume_chunk_processing
from tasks.smart_statebag.save_latest_state import save_latest_state
from tasks.smart_statebag.segments.tools import LambdaContext, SegmentTools
from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.nodes.addresses import AddressRules
from tasks.smart_statebag.workflow.partitioning import partition
from tests.bags import ARN, identity
from tests.clocks import FakeClock

BASE: JsonObject = {"topic": "tea", "sequence": []}


class Remaining:
    """A Lambda context whose remaining time is told for each time it is asked."""

    def __init__(self, *milliseconds: int) -> None:
        self._left = list(milliseconds)

    def get_remaining_time_in_millis(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


@dataclass(slots=True, kw_only=True)
class ChunkDesk:
    """The functions of distributed executions over one execution."""

    storage: StateStorage
    clock: FakeClock
    bag: JsonObject

    @property
    def tools(self) -> ChunkTools:
        return ChunkTools(
            storage=lambda: self.storage, clock=self.clock, run_segment=self.execute_segment
        )

    def execute_segment(self, event: Json, context: LambdaContext | None = None) -> JsonObject:
        tools = SegmentTools(
            storage=lambda: self.storage,
            clock=self.clock,
            jitter=lambda: 0.0,
            addresses=AddressRules(),
        )
        return execute_segment(event, context, tools)

    def prepare(self, **options: Json) -> tuple[JsonObject, list[JsonObject]]:
        """What PrepareDistributedExecution answers, and the list it wrote."""
        event: JsonObject = {"state_data": self.bag, "state_bucket": "states", **options}
        answer = prepare_distributed_execution(event, self.tools)
        items = self.storage.read(self.storage.pointer(str(answer["chunks_key"])))
        assert isinstance(items, list)
        return answer, [item for item in items if isinstance(item, dict)]

    def chunk(self, start: int, end: int, index: int = 0) -> JsonObject:
        return {
            "chunk_id": f"chunk_{index:04d}",
            "chunk_index": index,
            "execution_order": index,
            "start_segment": start,
            "end_segment": end,
        }

    def run_d(
        self,
        chunk: JsonObject,
        context: LambdaContext | None = None,
        run_segment: RunSegment | None = None,
        **fields: Json,
    ) -> JsonObject:
        """A call of shape D."""
        event: JsonObject = {
            "state_data": self.bag,
            "chunk_item": chunk,
            "chunk_index": chunk.get("chunk_index"),
            "result_prefix": keys_of(self.bag).chunk_results(),
            "independent_mode": True,
            **fields,
        }
        return process_segment_chunk(event, context, self._tools(run_segment))

    def run_b(
        self,
        chunk: JsonObject,
        context: LambdaContext | None = None,
        run_segment: RunSegment | None = None,
        **fields: Json,
    ) -> JsonObject:
        """LoadLatestState and a call of shape B, as B makes them."""
        loaded = self.load(chunk)
        event: JsonObject = {
            **self.serial_fields(),
            "chunk_data": chunk,
            "previous_state": loaded["previous_state"],
            "next_segment": loaded["next_segment"],
            "total_segments": loaded["total_segments"],
            **fields,
        }
        return process_segment_chunk(event, context, self._tools(run_segment))

    def resume_b(self, result: JsonObject, callback: Json, chunk: JsonObject) -> JsonObject:
        event: JsonObject = {
            **self.serial_fields(),
            "chunk_result": result,
            "callback_result": callback,
            "chunk_data": chunk,
            "paused_segment_id": result["paused_segment_id"],
        }
        return resume_chunk_processing(event, None, self.tools)

    def load(self, chunk: JsonObject) -> JsonObject:
        event: JsonObject = {
            **self.serial_fields(),
            "chunk_data": chunk,
            "state_s3_path": self.bag["state_s3_path"],
        }
        return load_latest_state(event, self.tools)

    def save(self, result: JsonObject) -> JsonObject:
        names = ("chunk_id", "chunk_index", "status", "final_state", "next_segment")
        event = {**{name: result[name] for name in names}, **self.serial_fields()}
        return save_latest_state({**event, "is_resumed": False}, self.tools)

    def aggregate(self, results: Json, **fields: Json) -> JsonObject:
        event: JsonObject = {
            "distributed_results": results,
            "use_s3_results": True,
            "state_data": self.bag,
            **fields,
        }
        return aggregate_distributed_results(event, self.tools)

    def serial_fields(self) -> JsonObject:
        """The fields that the states of B's Map share."""
        return {
            "owner_id": "owner-1",
            "workflow_id": "flow-1",
            "execution_id": ARN,
            "idempotency_key": "key-1",
            "workflow_config_s3_path": self.bag["workflow_config_s3_path"],
            "partition_map_s3_path": self.bag["partition_map_s3_path"],
            "state_bucket": "states",
            "total_segments": self.bag["total_segments"],
            "MOCK_MODE": "true",
        }

    def document(self, result: JsonObject) -> JsonObject:
        """The state a result points to."""
        return self.read_object(result["final_state_s3_path"])

    def read_object(self, path: Json) -> JsonObject:
        return Hydrator(self.bag, self.storage, cached=False).load_object(path)

    def record(self, chunk_id: str) -> JsonObject:
        key = keys_of(self.bag).chunk_record(chunk_id)
        return self.read_object(self.storage.pointer(key))

    def _tools(self, run_segment: RunSegment | None) -> ChunkTools:
        if run_segment is None:
            return self.tools
        return ChunkTools(storage=lambda: self.storage, clock=self.clock, run_segment=run_segment)


def open_desk(
    configuration: JsonObject, storage: StateStorage, clock: FakeClock, **bag: Json
) -> ChunkDesk:
    """An execution of a workflow, as InitializeStateData leaves it for a distributed machine."""
    normal = normalise(configuration)
    partition_map: list[Json] = list(partition(normal))
    keys = keys_of(identity())
    fields: JsonObject = {
        **identity(),
        "idempotency_key": "key-1",
        "quota_reservation_id": "",
        "workflow_config_s3_path": storage.write(keys.config(), normal).path,
        "state_s3_path": storage.write(keys.state("init", loop=0, segment=0), BASE).path,
        "partition_map_s3_path": storage.write(keys.partition(), partition_map).path,
        "total_segments": len(partition_map),
        "max_branch_iterations": 100,
        "max_concurrency": 100,
        "merge_policy": "last_wins",
        "node_error_policy": "fail",
        "MOCK_MODE": "true",
        "group_loop": 0,
    }
    return ChunkDesk(storage=storage, clock=clock, bag={**fields, **bag})
