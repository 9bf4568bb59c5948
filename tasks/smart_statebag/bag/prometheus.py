"""The metrics of StateDataManager in Prometheus' text format, when not on AWS.

Written out here since neither the embedded way to run nor the Lambda artefact carries a
Prometheus library, and six names in three units need no more.
"""

import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from tasks.smart_statebag.bag.metric import Metric

WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


_Dimension: TypeAlias = tuple[tuple[str, str], ...]


class Registry:
    """Sums and counts of every metric since the process began.

    Counts are counters, sizes and durations summaries; CamelCase names become snake_case ones.
    """

    def __init__(self) -> None:
        self._sums: dict[str, dict[_Dimension, tuple[float, int]]] = {}
        self._units: dict[str, str] = {}
        self._lock = threading.Lock()

    def publish(self, metrics: Sequence[Metric]) -> None:
        """Add the metrics of one call; this makes the registry a sink."""
        with self._lock:
            for metric in metrics:
                self._units[metric.name] = metric.unit
                series = self._sums.setdefault(metric.name, {})
                dimension = (metric.dimension,) if metric.dimension else ()
                total, count = series.get(dimension, (0.0, 0))
                series[dimension] = (total + metric.value, count + 1)

    def text(self, **labels: str) -> str:
        """Every metric so far, in Prometheus' text format.

        Args:
            labels: Labels that every series gets.
        """
        with self._lock:
            lines = [line for name in sorted(self._sums) for line in self._family(name, labels)]
        return "".join(f"{line}\n" for line in lines)

    def _family(self, name: str, common: Mapping[str, str]) -> list[str]:
        counter = self._units[name] == "Count"
        family = f"statebag_{snake_case(name)}{'_total' if counter else ''}"
        lines = [
            f"# HELP {family} {name} ({self._units[name]})",
            f"# TYPE {family} {'counter' if counter else 'summary'}",
        ]
        for dimension, (total, count) in sorted(self._sums[name].items()):
            labels = _braced({**dict(dimension), **common})
            if counter:
                lines.append(f"{family}{labels} {total}")
            else:
                lines += [f"{family}_sum{labels} {total}", f"{family}_count{labels} {count}"]
        return lines


REGISTRY = Registry()
"""The registry of this process."""


class TextfileSink:
    """The metrics of each process as a file for the textfile collector of Prometheus' exporter.

    Worker processes come and go and have no port of their own; a file outlives them. Every series
    carries the process, since the collector refuses the same series from two files.
    """

    def __init__(self, directory: Path, registry: Registry) -> None:
        self._directory = directory
        self._registry = registry

    def publish(self, metrics: Sequence[Metric]) -> None:
        """Add the metrics of one call, and write all of this process so far."""
        self._registry.publish(metrics)
        self._directory.mkdir(parents=True, exist_ok=True)
        process = str(os.getpid())
        file = self._directory / f"statebag_{process}.prom"
        # The collector must never read half a file, nor one thread's half of another's.
        partial = file.with_suffix(f".{threading.get_ident()}")
        partial.write_text(self._registry.text(process=process))
        partial.replace(file)


def snake_case(name: str) -> str:
    """``S3CacheHit`` as ``s3_cache_hit``, ``PayloadSizeKB`` as ``payload_size_kb``."""
    return WORD_BORDER.sub("_", name).lower()


def _braced(labels: Mapping[str, str]) -> str:
    pairs = [f'{snake_case(name)}="{value.translate(ESCAPES)}"' for name, value in labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""
