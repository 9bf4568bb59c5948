"""Clients of AWS services by boto3, where AWS's own environment conventions lead them.

``AWS_ENDPOINT_URL_<SERVICE>``, ``AWS_ENDPOINT_URL``, profiles and credentials are botocore's part.
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
"""Services whose answer may be the end of somebody's work (``startSyncExecution``)."""

_USUAL_READ_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """On whose behalf a service is called.

    Attributes:
        region: Where the environment names no region.
        role_arn: The role to assume, or None for the environment's own credentials.
    """

    region: str
    role_arn: str | None = None


def aws_operation(action: ActionModel, caller: Caller) -> Operation:
    """The method of this process's client that calls an action.

    Raises:
        ExecutionError: States.Permissions: the role cannot be assumed.
        botocore.exceptions.BotoCoreError: There is no usable configuration.
    """
    client = _client(os.getpid(), action.service, caller, _endpoint(action))
    operation: Operation = getattr(client, xform_name(action.operation.name))
    return operation


def _endpoint(action: ActionModel) -> str | None:
    """Where the environment leads the service's clients; another place needs another client."""
    name = action.operation.service_model.service_id.replace(" ", "_").replace("-", "_").upper()
    return os.environ.get(f"AWS_ENDPOINT_URL_{name}") or os.environ.get("AWS_ENDPOINT_URL")


@lru_cache(maxsize=64)
def _client(_process: int, service: str, caller: Caller, endpoint: str | None) -> Any:
    session = session_of(caller.role_arn, caller.region)
    waits_for_work = service in _READ_SECONDS
    config = Config(
        connect_timeout=5,
        read_timeout=_READ_SECONDS.get(service, _USUAL_READ_SECONDS),
        # What takes long is not to be begun a second time; the state's Retry may do that.
        retries={"total_max_attempts": 1} if waits_for_work else {"mode": "standard"},
        tcp_keepalive=True,
        max_pool_connections=32,
        # A server of one's own has one name for all actions.
        inject_host_prefix=endpoint is None,
    )
    return session.client(service, config=config)
