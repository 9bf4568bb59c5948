"""The figures of ``metrics`` for Prometheus, when not on AWS."""

import re
import threading
from collections.abc import Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Summary, generate_latest

from tasks.bag.metrics import Metric

DIMENSIONS = ("Action", "OptimizationType")
WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

REGISTRY = CollectorRegistry()

Figure = TypeVar("Figure", Counter, Summary)


class PrometheusSink:
    """Counts become counters, sizes and durations summaries, CamelCase names snake_case ones."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._registry = registry
        self._counters: dict[str, Counter] = {}
        self._summaries: dict[str, Summary] = {}
        self._lock = threading.Lock()

    def publish(self, metrics: Sequence[Metric]) -> None:
        for metric in metrics:
            labels = dict.fromkeys(map(snake_case, DIMENSIONS), "")
            if metric.dimension:
                labels[snake_case(metric.dimension[0])] = metric.dimension[1]
            if metric.unit == "Count":
                self._figure(self._counters, Counter, metric).labels(**labels).inc(metric.value)
            else:
                self._figure(self._summaries, Summary, metric).labels(**labels).observe(
                    metric.value
                )

    def _figure(self, known: dict[str, Figure], kind: type[Figure], metric: Metric) -> Figure:
        with self._lock:  # a name can be registered only once
            if metric.name not in known:
                known[metric.name] = kind(
                    f"statebag_{snake_case(metric.name)}",
                    f"{metric.name} ({metric.unit})",
                    tuple(map(snake_case, DIMENSIONS)),
                    registry=self._registry,
                )
            return known[metric.name]


def prometheus_text(registry: CollectorRegistry = REGISTRY) -> str:
    """Every figure so far, in Prometheus' text format."""
    return generate_latest(registry).decode()


def snake_case(name: str) -> str:
    """``S3CacheHit`` as ``s3_cache_hit``, ``PayloadSizeKB`` as ``payload_size_kb``."""
    return WORD_BORDER.sub("_", name).lower()
