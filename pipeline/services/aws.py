"""AWS services by boto3, wherever ``AWS_ENDPOINT_URL_<SERVICE>`` leads."""

import os
from functools import lru_cache, partial
from typing import Any

import boto3.session
from botocore import xform_name
from botocore.config import Config

from pipeline.services.client import Service

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard"})


def aws_service(service: str, actions: frozenset[str]) -> Service:
    """The actions of a service, each with its own client of this process and this endpoint."""
    return {action: partial(_call, service, action) for action in actions}


def _call(service: str, action: str, **arguments: Any) -> dict[str, Any]:
    endpoint = os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
    client = _client(os.getpid(), service, endpoint or os.environ.get("AWS_ENDPOINT_URL"))
    answer: dict[str, Any] = getattr(client, xform_name(action))(**arguments)
    return answer


@lru_cache(maxsize=16)
def _client(_process: int, service: str, _endpoint: str | None) -> Any:
    return boto3.session.Session().client(service, config=_CONFIG)
