"""Where the figures go (Contract 4.10)."""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasks.smart_statebag.bag.metric import Metric
from tasks.smart_statebag.bag.metrics import (
    CloudWatchSink,
    LogSink,
    SinkChain,
    default_sink,
    publish,
)
from tasks.smart_statebag.bag.prometheus import Registry, TextfileSink, snake_case

SIZE = Metric(
    name="PayloadSizeKB", value=12.5, unit="Kilobytes", dimension=("OptimizationType", "Final")
)
HITS = Metric(name="S3CacheHit", value=3, unit="Count", dimension=("Action", "sync"))
RATIO = Metric(name="CompressionRatio", value=40, unit="Percent")


class Recorder:
    """Stands for the CloudWatch client: it keeps what it is sent."""

    def __init__(self) -> None:
        self.requests: list[dict[str, object]] = []

    def put_metric_data(self, **request: object) -> None:
        self.requests.append(request)


class Broken:
    def publish(self, metrics: Sequence[Metric]) -> None:
        raise ConnectionError("no route")


def test_cloudwatch_gets_all_figures_of_a_call_in_one_request() -> None:
    client = Recorder()

    CloudWatchSink(client).publish([SIZE, RATIO])

    assert client.requests == [
        {
            "Namespace": "Workflow/StateDataManager",
            "MetricData": [
                {
                    "MetricName": "PayloadSizeKB",
                    "Value": 12.5,
                    "Unit": "Kilobytes",
                    "Dimensions": [{"Name": "OptimizationType", "Value": "Final"}],
                },
                {
                    "MetricName": "CompressionRatio",
                    "Value": 40,
                    "Unit": "Percent",
                    "Dimensions": [],
                },
            ],
        }
    ]


def test_on_premises_a_figure_is_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        LogSink().publish([HITS])

    assert json.loads(caplog.messages[0]) == {
        "namespace": "Workflow/StateDataManager",
        "metric": "S3CacheHit",
        "value": 3,
        "unit": "Count",
        "Action": "sync",
    }


def test_a_failure_to_publish_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    publish(Broken(), [SIZE])

    assert "were not published" in caplog.messages[0]


def test_a_broken_sink_does_not_keep_figures_from_the_next() -> None:
    registry = Registry()

    SinkChain(Broken(), registry).publish([HITS])

    assert "statebag_s3_cache_hit_total" in registry.text()


def test_prometheus_counts_counts_and_sums_sizes() -> None:
    registry = Registry()

    registry.publish([HITS, SIZE, RATIO])
    registry.publish([HITS, SIZE])

    assert registry.text().splitlines() == [
        "# HELP statebag_compression_ratio CompressionRatio (Percent)",
        "# TYPE statebag_compression_ratio summary",
        "statebag_compression_ratio_sum 40.0",
        "statebag_compression_ratio_count 1",
        "# HELP statebag_payload_size_kb PayloadSizeKB (Kilobytes)",
        "# TYPE statebag_payload_size_kb summary",
        'statebag_payload_size_kb_sum{optimization_type="Final"} 25.0',
        'statebag_payload_size_kb_count{optimization_type="Final"} 2',
        "# HELP statebag_s3_cache_hit_total S3CacheHit (Count)",
        "# TYPE statebag_s3_cache_hit_total counter",
        'statebag_s3_cache_hit_total{action="sync"} 6.0',
    ]


def test_the_collector_s_file_names_its_process_in_every_series(tmp_path: Path) -> None:
    sink = TextfileSink(tmp_path / "made" / "here", Registry())

    sink.publish([HITS, RATIO])
    sink.publish([HITS])

    (file,) = (tmp_path / "made" / "here").iterdir()
    process = os.getpid()
    assert file.name == f"statebag_{process}.prom"
    assert [line for line in file.read_text().splitlines() if not line.startswith("#")] == [
        f'statebag_compression_ratio_sum{{process="{process}"}} 40.0',
        f'statebag_compression_ratio_count{{process="{process}"}} 1',
        f'statebag_s3_cache_hit_total{{action="sync",process="{process}"}} 6.0',
    ]


def test_an_empty_registry_has_no_text() -> None:
    assert Registry().text() == ""


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("S3Get", "s3_get"),
        ("PayloadSizeKB", "payload_size_kb"),
        ("DuplicateLogsRemoved", "duplicate_logs_removed"),
    ],
)
def test_names_become_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake


@pytest.mark.parametrize(
    ("environment", "sink"),
    [
        ({}, LogSink),
        ({"METRICS_TEXTFILE_DIR": "somewhere"}, SinkChain),
        ({"AWS_LAMBDA_FUNCTION_NAME": "sdm", "AWS_DEFAULT_REGION": "us-east-1"}, CloudWatchSink),
        ({"METRICS_SINK": "cloudwatch", "AWS_DEFAULT_REGION": "us-east-1"}, CloudWatchSink),
        ({"AWS_LAMBDA_FUNCTION_NAME": "sdm", "METRICS_SINK": "log"}, LogSink),
    ],
)
def test_the_sink_follows_the_environment(
    environment: dict[str, str], sink: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_LAMBDA_FUNCTION_NAME", "METRICS_SINK", "METRICS_TEXTFILE_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    default_sink.cache_clear()

    assert isinstance(default_sink(), sink)
    default_sink.cache_clear()
