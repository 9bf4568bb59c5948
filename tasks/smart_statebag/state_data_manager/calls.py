"""One call of an action: its tools and the metrics it publishes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.bag.metric import Metric
from tasks.smart_statebag.bag.metrics import MetricSink, default_sink, publish
from tasks.smart_statebag.bag.sizes import KB
from tasks.smart_statebag.bag.storage import ReadCounts
from tasks.smart_statebag.bag.tools import StorageTools

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTools(StorageTools):
    """Beside storage and clock, the sink for the metrics of a call."""

    sink: MetricSink = field(default_factory=default_sink)


@dataclass(slots=True, kw_only=True)
class ActionCall:
    """One call of one action."""

    action: str
    tools: ActionTools
    counts: ReadCounts = field(default_factory=ReadCounts)
    metrics: list[Metric] = field(default_factory=list)
    duplicates_removed: int = 0
    order_fallbacks: int = 0

    def open(self, bag: JsonObject, *, cached: bool = True) -> BagAccess:
        """Access to the objects of a bag; only v3 actions read through the cache."""
        return self.tools.access(bag, cached=cached, counts=self.counts)

    def count(self, name: str, value: float) -> None:
        """Add a count with the dimension of this action."""
        self.metrics.append(
            Metric(name=name, value=value, unit="Count", dimension=("Action", self.action))
        )

    def report_v3(self, size_bytes: int) -> None:
        """Add the metrics of a v3 action (Contract 4.10)."""
        self.metrics.append(
            Metric(
                name="PayloadSizeKB",
                value=size_bytes / KB,
                unit="Kilobytes",
                dimension=("Action", self.action),
            )
        )
        self.count("DuplicateLogsRemoved", self.duplicates_removed)
        self.count("S3Get", self.counts.s3_gets)
        self.count("S3CacheHit", self.counts.cache_hits)
        self.count("OrderFallback", self.order_fallbacks)


def run_action(
    action: str,
    implementation: Callable[[JsonObject, ActionCall], Result],
    event: JsonObject,
    tools: ActionTools | None,
) -> Result:
    """Run an action and publish its metrics, its duration even when it raises."""
    call = ActionCall(action=action, tools=tools or ActionTools())
    began = call.tools.clock.monotonic()
    try:
        return implementation(event, call)
    finally:
        milliseconds = (call.tools.clock.monotonic() - began) * 1000
        duration = Metric(
            name="ActionDuration",
            value=milliseconds,
            unit="Milliseconds",
            dimension=("Action", action),
        )
        publish(call.tools.sink, [*call.metrics, duration])
