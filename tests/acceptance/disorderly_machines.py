"""The loops of the state machines in a world where messages come twice, late and out of order."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from tasks.smart_statebag.bag.clock import Clock
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.storage import StateStorage
from tests.machine_loops import Machines


class DisorderlyMachines(Machines):
    """Every call is delivered up to three times, earlier calls again at any time.

    All deliveries of a call must give one answer. Branches run in any order, and their results
    arrive in any other.
    """

    def __init__(self, storage: StateStorage, clock: Clock, chance: random.Random) -> None:
        super().__init__(storage, clock)
        self._chance = chance
        self._earlier: list[tuple[Callable[[], JsonObject], JsonObject]] = []
        self._ended: dict[tuple[Any, Any], JsonObject] = {}
        self.order = lambda items: chance.sample(list(items), len(items))

    def execute(self, event: JsonObject, context: Any = None) -> JsonObject:
        """As ExecuteSegment."""
        return self._deliver(partial(super().execute, event, context))

    def manage(self, action: str, **fields: Json) -> JsonObject:
        """As StateDataManager."""
        return self._deliver(partial(super().manage, action, **fields))

    def _deliver(self, call: Callable[[], JsonObject]) -> JsonObject:
        answer = call()
        for _ in range(self._chance.randint(0, 2)):
            assert call() == answer
        self._earlier.append((call, answer))
        again, before = self._chance.choice(self._earlier)
        assert again() == before
        return answer

    def run_c_branch(self, bag: JsonObject, item: JsonObject) -> JsonObject:
        """The result of a branch of C, which ran with the others in any order."""
        return self._run_all(super().run_c_branch, bag, item)

    def _run_all(
        self, run: Callable[[JsonObject, JsonObject], JsonObject], bag: JsonObject, item: JsonObject
    ) -> JsonObject:
        loop = bag["loop_counter"]
        pending = bag["pending_branches"]
        assert isinstance(pending, list)
        if (loop, item["branch_index"]) not in self._ended:
            for each in self._chance.sample(pending, len(pending)):
                assert isinstance(each, dict)
                self._ended[loop, each["branch_index"]] = run(bag, each)
        return self._ended[loop, item["branch_index"]]
