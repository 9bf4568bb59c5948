"""boto3's clients of AWS services, configured by AWS's own environment conventions.

botocore reads ``AWS_ENDPOINT_URL_<SERVICE>``, ``AWS_ENDPOINT_URL``, profiles and credentials.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore import xform_name
from botocore.config import Config

from pipeline.integrations.services.client import Operation
from pipeline.integrations.services.service_actions import ActionModel
from pipeline.integrations.services.sessions import session_of

_READ_SECONDS: Mapping[str, float] = {"lambda": 910, "stepfunctions": 310}
"""Services that may answer only after long work (``startSyncExecution``), and their limits."""

_USUAL_READ_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The region and role with which a service is called.

    Attributes:
        region: The region if the environment names none.
        role_arn: The role to assume, or None for the environment's own credentials.
    """

    region: str
    role_arn: str | None = None


def aws_operation(action: ActionModel, caller: Caller) -> Operation:
    """The method of this process's client that calls an action.

    Raises:
        ExecutionError: States.Permissions, if the role cannot be assumed.
        botocore.exceptions.BotoCoreError: The configuration cannot be used.
    """
    client = _client(os.getpid(), action.service, caller, _endpoint(action))
    operation: Operation = getattr(client, xform_name(action.operation.name))
    return operation


def _endpoint(action: ActionModel) -> str | None:
    """The endpoint that the environment names for a service.

    Another endpoint needs another client.
    """
    name = action.operation.service_model.service_id.replace(" ", "_").replace("-", "_").upper()
    return os.environ.get(f"AWS_ENDPOINT_URL_{name}") or os.environ.get("AWS_ENDPOINT_URL")


@lru_cache(maxsize=64)
def _client(_process: int, service: str, caller: Caller, endpoint: str | None) -> Any:
    session = session_of(caller.role_arn, caller.region)
    waits_for_work = service in _READ_SECONDS
    config = Config(
        connect_timeout=5,
        read_timeout=_READ_SECONDS.get(service, _USUAL_READ_SECONDS),
        # botocore must not repeat long work; the state's Retry may.
        retries={"total_max_attempts": 1} if waits_for_work else {"mode": "standard"},
        tcp_keepalive=True,
        max_pool_connections=32,
        # A server on premises has one host name for all actions.
        inject_host_prefix=endpoint is None,
    )
    return session.client(service, config=config)
