"""Metrics of StateDataManager and their sinks (Contract 4.10)."""

import json
import logging
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import boto3.session

from tasks.smart_statebag.bag.metric import Metric
from tasks.smart_statebag.bag.prometheus import REGISTRY, TextfileSink

NAMESPACE = "Workflow/StateDataManager"

log = logging.getLogger(__name__)


class MetricSink(Protocol):
    """Publishes metrics."""

    def publish(self, metrics: Sequence[Metric]) -> None:
        """Publish the metrics of one call."""
        ...


class CloudWatchSink:
    """Metrics in CloudWatch, one request for each call of a function."""

    def __init__(self, client: Any | None = None) -> None:
        self._client = client

    def publish(self, metrics: Sequence[Metric]) -> None:
        if self._client is None:  # made here, so that a missing region is a failure to publish
            self._client = boto3.session.Session().client("cloudwatch")
        data = [
            {
                "MetricName": metric.name,
                "Value": metric.value,
                "Unit": metric.unit,
                "Dimensions": [_dimension(metric.dimension)] if metric.dimension else [],
            }
            for metric in metrics
        ]
        self._client.put_metric_data(Namespace=NAMESPACE, MetricData=data)


class LogSink:
    """Metrics as log lines, one JSON object each."""

    def publish(self, metrics: Sequence[Metric]) -> None:
        for metric in metrics:
            line = {
                "namespace": NAMESPACE,
                "metric": metric.name,
                "value": metric.value,
                "unit": metric.unit,
                **(dict([metric.dimension]) if metric.dimension else {}),
            }
            log.info("%s", json.dumps(line))


class SinkChain:
    """Several sinks, each of which gets every metric."""

    def __init__(self, *sinks: MetricSink) -> None:
        self._sinks = sinks

    def publish(self, metrics: Sequence[Metric]) -> None:
        for sink in self._sinks:
            publish(sink, metrics)


def publish(sink: MetricSink, metrics: Sequence[Metric]) -> None:
    """Publish metrics to a sink; a failure to publish never fails the call they describe."""
    try:
        sink.publish(metrics)
    except Exception:  # any error of a sink is only logged (Contract 4.10)
        log.warning("Metrics of %s were not published", NAMESPACE, exc_info=True)


@cache
def default_sink() -> MetricSink:
    """CloudWatch on Lambda (or where ``METRICS_SINK`` says so), else log lines and Prometheus.

    Prometheus' files go to the directory ``METRICS_TEXTFILE_DIR``, where it is set.
    """
    on_lambda = "cloudwatch" if os.environ.get("AWS_LAMBDA_FUNCTION_NAME") else "log"
    if os.environ.get("METRICS_SINK", on_lambda) == "cloudwatch":
        return CloudWatchSink()
    directory = os.environ.get("METRICS_TEXTFILE_DIR")
    if directory is None:
        return LogSink()
    return SinkChain(LogSink(), TextfileSink(Path(directory), REGISTRY))


def _dimension(pair: tuple[str, str]) -> dict[str, str]:
    return {"Name": pair[0], "Value": pair[1]}
