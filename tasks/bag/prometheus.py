"""The figures of ``metrics`` in Prometheus' text format, when not on AWS.

Written out here since neither the embedded way to run nor the Lambda artefact carries a
Prometheus library, and six names in three units need no more.
"""

import re
import threading
from collections.abc import Sequence

from tasks.bag.metric import Metric

WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Registry:
    """Sums and counts of every figure since the process began.

    Counts are counters, sizes and durations summaries; CamelCase names become snake_case ones.
    """

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, tuple[float, int]]] = {}
        self._units: dict[str, str] = {}
        self._lock = threading.Lock()

    def publish(self, metrics: Sequence[Metric]) -> None:
        """Add the figures of one call; this makes the registry a sink."""
        with self._lock:
            for metric in metrics:
                self._units[metric.name] = metric.unit
                series = self._sums.setdefault(metric.name, {})
                total, count = series.get(_labels(metric), (0.0, 0))
                series[_labels(metric)] = (total + metric.value, count + 1)

    def text(self) -> str:
        """Every figure so far, in Prometheus' text format."""
        with self._lock:
            lines = [line for name in sorted(self._sums) for line in self._family(name)]
        return "".join(f"{line}\n" for line in lines)

    def _family(self, name: str) -> list[str]:
        counter = self._units[name] == "Count"
        family = f"statebag_{snake_case(name)}{'_total' if counter else ''}"
        lines = [
            f"# HELP {family} {name} ({self._units[name]})",
            f"# TYPE {family} {'counter' if counter else 'summary'}",
        ]
        for labels, (total, count) in sorted(self._sums[name].items()):
            if counter:
                lines.append(f"{family}{labels} {total}")
            else:
                lines += [f"{family}_sum{labels} {total}", f"{family}_count{labels} {count}"]
        return lines


REGISTRY = Registry()
"""The registry of this process."""


def prometheus_text() -> str:
    """The figures of this process, in Prometheus' text format."""
    return REGISTRY.text()


def snake_case(name: str) -> str:
    """``S3CacheHit`` as ``s3_cache_hit``, ``PayloadSizeKB`` as ``payload_size_kb``."""
    return WORD_BORDER.sub("_", name).lower()


def _labels(metric: Metric) -> str:
    if metric.dimension is None:
        return ""
    name, value = metric.dimension
    return f'{{{snake_case(name)}="{value.translate(ESCAPES)}"}}'
