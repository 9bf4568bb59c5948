"""Defaults that are derived from other settings, and the words that some settings take."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

S3_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
EMBEDDED_CONCURRENCY_LIMIT = 8
SERVER_CONCURRENCY = 4


class Mode(StrEnum):
    """The two ways to run on one's own machines."""

    EMBEDDED = "embedded"
    """One process with the in-memory broker."""
    SERVER = "server"
    """Workers in processes of their own around a broker."""


class ServiceBackend(StrEnum):
    """What serves an integration: DynamoDB tables, events, logs."""

    LOCAL = "local"
    """StateBag itself."""
    AWS = "aws"
    """AWS, or the server that ``AWS_ENDPOINT_URL_<SERVICE>`` names."""


def mode_of(broker_url: str) -> Mode:
    """Embedded with the in-memory broker, server with any other."""
    return Mode.EMBEDDED if broker_url.startswith("memory://") else Mode.SERVER


def default_ledger_url(settings: Mapping[str, Any]) -> str:
    return f"sqlite:///{settings['data_dir']}/ledger.db"


def default_object_store(settings: Mapping[str, Any]) -> str:
    return str(settings["data_dir"] / "objects")


def default_s3_directory(settings: Mapping[str, Any]) -> Path | None:
    elsewhere = any(os.environ.get(name) for name in S3_ENDPOINT_VARIABLES)
    if mode_of(settings["broker_url"]) is Mode.SERVER or elsewhere:
        return None
    directory: Path = settings["data_dir"] / "s3"
    return directory


def default_access_keys_file(settings: Mapping[str, Any]) -> Path:
    file: Path = settings["data_dir"] / "access_keys.toml"
    return file


def default_service_backend(settings: Mapping[str, Any]) -> ServiceBackend:
    is_embedded = mode_of(settings["broker_url"]) is Mode.EMBEDDED
    return ServiceBackend.LOCAL if is_embedded else ServiceBackend.AWS


def default_role_arn(settings: Mapping[str, Any]) -> str:
    return f"arn:aws:iam::{settings['account_id']}:role/statebag"


def default_concurrency(settings: Mapping[str, Any]) -> int:
    if mode_of(settings["broker_url"]) is Mode.EMBEDDED:
        return min(EMBEDDED_CONCURRENCY_LIMIT, 2 * (os.cpu_count() or 1))
    return SERVER_CONCURRENCY


def default_status_events(settings: Mapping[str, Any]) -> bool:
    """EventBridge itself takes no events whose source begins with ``aws.``."""
    return bool(settings["event_bus"] is ServiceBackend.LOCAL)
