"""What the state machines do between calls, in a few lines each: main loops, branches, joins."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tasks.smart_statebag.bag.clock import Clock
from tasks.smart_statebag.bag.hydrator import Hydrator
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.execute_segment import execute_segment
from tasks.smart_statebag.initialization.initialise import initialise
from tasks.smart_statebag.initialization.tools import InitTools
from tasks.smart_statebag.segments.tools import SegmentTools
from tasks.smart_statebag.state_data_manager import calls
from tasks.smart_statebag.state_data_manager.handler import ACTIONS, dispatch
from tasks.smart_statebag.workflow.nodes.addresses import AddressRules

ARN = "arn:aws:states:eu-central-1:123456789012:execution:statebag:run-1"
Order = Callable[[Sequence[JsonObject]], Sequence[JsonObject]]


class NoFigures:
    """A sink for figures nobody looks at."""

    def publish(self, metrics: object) -> None:
        """Drop them."""


class Machines:
    """The functions, on one bucket; ``deliveries`` is how often each call is made."""

    def __init__(self, storage: StateStorage, clock: Clock) -> None:
        self.storage = storage
        self.deliveries = 1
        self.order: Order = list
        self.answers: list[Json] = []
        self.asked = 0
        self.tools = SegmentTools(
            storage=lambda: storage, clock=clock, jitter=lambda: 0.0, addresses=AddressRules()
        )
        self._sdm = calls.ActionTools(storage=lambda: storage, clock=clock, sink=NoFigures())
        self._init = InitTools(
            load_workflow=lambda owner, workflow: None,
            claim=lambda bag: None,
            storage=lambda: storage,
            clock=clock,
        )

    def start(
        self, configuration: JsonObject, machine: str = "standard", **more: Json
    ) -> JsonObject:
        given: JsonObject = {"ownerId": "o", "workflowId": "w", "MOCK_MODE": "true", **more}
        event = {"input": {**given, "workflow_config": configuration}, "execution_id": ARN}
        return initialise({**event, "execution_name": "run-1", "machine": machine}, self._init)

    def execute(self, event: JsonObject, context=None) -> JsonObject:
        for _ in range(self.deliveries - 1):
            execute_segment(event, context, self.tools)
        return execute_segment(event, context, self.tools)

    def manage(self, action: str, **fields: Json) -> JsonObject:
        return dispatch({"action": action, **fields}, ACTIONS, self._sdm)

    def state_of(self, bag: JsonObject) -> JsonObject:
        hydrator = Hydrator(bag, self.storage, cached=False)
        return hydrator.load_whole(bag["state_s3_path"])

    def hook(self, **hooks) -> None:
        self.tools = replace(self.tools, **hooks)

    def run_c(self, bag: JsonObject, *, whole_branches: bool = False) -> tuple[str, JsonObject]:
        """The main loop of C, or with whole branches of D: the last action and bag."""
        action = "CONTINUE"
        while action in ("CONTINUE", "SEQUENTIAL_BRANCH"):
            assert bag["loop_counter"] <= bag["max_loop_iterations"]
            result = self.execute({"state_data": bag, "allow_async": False})
            synced = self.manage("sync", state_data=bag, execution_result=result)
            bag, action = synced["state_data"], synced["next_action"]
            if action == "PARALLEL_GROUP":
                run = self.run_d_branch if whole_branches else self.run_c_branch
                items = [run(bag, item) for item in bag["pending_branches"]]
                joined = self.manage(
                    "aggregate_branches",
                    state_data=bag,
                    branch_pointers=list(self.order(items)),
                    load_from_s3=True,
                )
                bag, action = joined["state_data"], joined["next_action"]
            elif action == "PAUSED_FOR_HITP":
                merged = self.manage("merge_callback", state_data=bag, callback_result=self.ask())
                bag, action = merged["state_data"], merged["next_action"]
        return action, bag

    def ask(self) -> JsonObject:
        self.asked += 1
        return {"status": "RESUMED", "userResponse": {"action": "APPROVED", "n": self.asked}}

    def branch_bag(self, bag: JsonObject) -> JsonObject:
        names = (
            *("ownerId", "workflowId", "execution_id", "idempotency_key", "MOCK_MODE"),
            *("quota_reservation_id", "workflow_config_s3_path", "state_s3_path", "start_time"),
            *("partition_map_s3_path", "total_segments", "max_branch_iterations"),
            *("max_concurrency", "merge_policy", "node_error_policy"),
        )
        return {**{name: bag[name] for name in names}, "group_loop": bag["loop_counter"]}

    def run_c_branch(self, bag: JsonObject, item: JsonObject) -> JsonObject:
        identity = {key: item[key] for key in ("branch_id", "branch_index")}
        branch: JsonObject = {
            **identity,
            "execution_order": item["branch_index"],
            "segment_to_run": 0,
            "loop_counter": 0,
            "total_segments": item["segment_count"],
            "partition_map": item["partition_map"],
            "partition_map_s3_path": item["partition_map_s3_path"],
            "logs_s3_path": None,
            "status": "RUNNING",
            "error_info": {"Error": "UnknownError"},
            "state_data": self.branch_bag(bag),
        }
        action = "CONTINUE"
        names = ("state_data", "segment_to_run", "partition_map", "partition_map_s3_path")
        names += ("total_segments", "branch_id", "branch_index", "loop_counter", "logs_s3_path")
        while action == "CONTINUE":
            event = {name: branch[name] for name in names}
            result = self.execute({**event, "allow_pause": True, "allow_async": False})
            synced = self.manage("sync_branch", branch_state=branch, execution_result=result)
            branch, action = synced["branch_state"], synced["next_action"]
            if action == "PAUSED_FOR_HITP":
                answer = {"status": "RESUMED", "callback_result": self.ask()}
                synced = self.manage("sync_branch", branch_state=branch, execution_result=answer)
                branch, action = synced["branch_state"], synced["next_action"]
        done = action == "COMPLETE"
        return {
            **identity,
            "execution_order": item["branch_index"],
            "status": "COMPLETE" if done else "PARTIAL_FAILURE",
            "s3_path": branch["state_data"]["state_s3_path"],
            "logs_s3_path": branch["logs_s3_path"],
            "error_type": None if done else branch["error_info"]["Error"],
        }

    def run_d_branch(self, bag: JsonObject, item: JsonObject, context=None) -> JsonObject:
        event: JsonObject = {
            "state_data": self.branch_bag(bag),
            "branch_config": item,
            "branch_index": item["branch_index"],
            "allow_pause": True,
            "allow_async": False,
        }
        result = self.execute(event, context)
        while result["status"] in ("PAUSED_FOR_HITP", "CONTINUE"):
            answer = self.ask() if result["status"] == "PAUSED_FOR_HITP" else None
            resumed = {"callback_result": answer, "previous": result, "resume_mode": True}
            result = self.execute({**event, **resumed}, context)
        return result

    def run_a(self, bag: JsonObject) -> tuple[str, JsonObject, list[JsonObject]]:
        """The main loop of A with its branches: the last status, bag, and every result."""
        results: list[JsonObject] = []
        status = "CONTINUE"
        while status in ("CONTINUE", "SEQUENTIAL_BRANCH", "SKIPPED"):
            result = self.execute({**bag, "status": None})
            results.append(result)
            if result["status"] == "PARALLEL_GROUP":
                items = [self.run_a_branch(bag, item) for item in result["branches"]]
                result = self.execute(
                    {**bag, "segment_type": "aggregator", "parallel_results": self.order(items)}
                )
                results.append(result)
            status = result["status"]
            bag = self.manage("update_and_compress", state_data=bag, execution_result=result)
            bag = {**bag, "segment_to_run": result["next_segment_to_run"]}
            if status == "SEQUENTIAL_BRANCH":
                bag["segment_to_run"] = 0
            bag["loop_counter"] = bag["loop_counter"] + 1
        return status, bag, results

    def run_a_branch(self, bag: JsonObject, item: JsonObject) -> JsonObject:
        branch: JsonObject = {
            **self.branch_bag(bag),
            **{key: item[key] for key in ("branch_id", "branch_index", "partition_map")},
            "partition_map_s3_path": item["partition_map_s3_path"],
            "total_segments": item["segment_count"],
            "segment_to_run": 0,
            "loop_counter": 0,
            "logs_s3_path": None,
        }
        while True:
            result = self.execute({**branch, "allow_pause": False, "allow_async": False})
            branch["state_s3_path"] = result["final_state_s3_path"]
            branch["logs_s3_path"] = result["logs_s3_path"]
            branch["segment_to_run"] = result["next_segment_to_run"]
            branch["loop_counter"] += 1
            if result["status"] not in ("CONTINUE", "SKIPPED"):
                break
        done = result["status"] == "COMPLETE"
        return {
            **{key: item[key] for key in ("branch_id", "branch_index")},
            "execution_order": item["branch_index"],
            "branch_status": "COMPLETE" if done else "PARTIAL_FAILURE",
            "final_state": result["final_state"],
            "final_state_s3_path": result["final_state_s3_path"],
            "new_history_logs": [],
            "logs_s3_path": result["logs_s3_path"],
            "error_info": result["error_info"],
            "branch_executed": True,
        }
