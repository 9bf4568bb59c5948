"""Resource ARNs of Task states: what to invoke, and how to wait for it.

Specification: "Task state"; AWS Step Functions Developer Guide, "Integrating services".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.language.errors import InvalidExpression

SERVICE_INTEGRATIONS: Mapping[str, frozenset[str]] = {
    "athena": frozenset(
        {"getQueryExecution", "getQueryResults", "startQueryExecution", "stopQueryExecution"}
    ),
    "batch": frozenset({"submitJob"}),
    "codebuild": frozenset({"batchDeleteBuilds", "batchGetReports", "startBuild", "stopBuild"}),
    "databrew": frozenset({"startJobRun"}),
    "dynamodb": frozenset({"deleteItem", "getItem", "putItem", "updateItem"}),
    "ecs": frozenset({"runTask"}),
    "eks": frozenset(
        {
            "createCluster",
            "createFargateProfile",
            "createNodegroup",
            "deleteCluster",
            "deleteFargateProfile",
            "deleteNodegroup",
        }
    ),
    "emr-containers": frozenset({"createVirtualCluster", "deleteVirtualCluster", "startJobRun"}),
    "emr-serverless": frozenset(
        {
            "cancelJobRun",
            "createApplication",
            "deleteApplication",
            "startApplication",
            "startJobRun",
            "stopApplication",
        }
    ),
    "events": frozenset({"putEvents"}),
    "glue": frozenset({"startJobRun"}),
    "http": frozenset({"invoke"}),
    "mediaconvert": frozenset({"createJob"}),
    "sagemaker": frozenset(
        {
            "createEndpoint",
            "createEndpointConfig",
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createModel",
            "createProcessingJob",
            "createTrainingJob",
            "createTransformJob",
            "updateEndpoint",
        }
    ),
    "sns": frozenset({"publish"}),
    "sqs": frozenset({"sendMessage"}),
    "states": frozenset({"startExecution"}),
}
"""Actions of optimised integrations that a Task state may call, besides ``lambda:invoke``."""

CALLBACK_SERVICES = frozenset({"ecs", "events", "lambda", "sns", "sqs", "states"})
"""Optimised integrations to which a Task state may pass its task token."""


class Pattern(StrEnum):
    """Service integration patterns, by the suffix of the resource."""

    REQUEST_RESPONSE = ""
    SYNC = ".sync"
    SYNC_2 = ".sync:2"
    WAIT_FOR_TASK_TOKEN = ".waitForTaskToken"  # noqa: S105 - the suffix of an ARN, not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A parsed Resource.

    Attributes:
        arn: The text as written.
        service: ``lambda``, ``dynamodb``, ``aws-sdk:s3``, or ``function`` for a bare function ARN,
            ``activity`` for an activity ARN.
        action: ``invoke``, ``getItem``, ...; for a bare function or activity its name, with a
            qualifier, if any (``name:alias``).
        pattern: How the state waits.
    """

    arn: str
    service: str
    action: str
    pattern: Pattern = Pattern.REQUEST_RESPONSE

    @property
    def is_bare_function(self) -> bool:
        """Whether the resource is a function's own ARN instead of a service integration."""
        return self.service == "function"

    @property
    def owner(self) -> str:
        """What AWS names in the error of a result that is too large."""
        return self.arn if self.is_bare_function or self.is_activity else self.service

    @property
    def is_sync(self) -> bool:
        """Whether the state waits until the job that the action started has ended."""
        return self.pattern in (Pattern.SYNC, Pattern.SYNC_2)

    @property
    def is_sdk(self) -> bool:
        """Whether it is an action of an SDK integration."""
        return self.service.startswith("aws-sdk:")

    @property
    def is_activity(self) -> bool:
        """Whether the resource is an activity, whose workers poll for tasks."""
        return self.service == "activity"


_FUNCTION = re.compile(
    # AWS takes placeholders such as ``your-region`` and ``your-account-id`` for granted.
    r"arn:(?:aws|aws-cn|aws-us-gov):lambda:[a-z0-9-]*:[a-z0-9-]*:function:"
    r"(?P<name>[^:]+(?::[^:]+)?)"
)
_ACTIVITY = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov):states:[a-z0-9-]*:\d*:activity:(?P<name>[^:]+)"
)
_INTEGRATION = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov):states:[a-z0-9-]*:\d*:"
    r"(?P<service>aws-sdk:[a-zA-Z0-9]+|[a-z0-9-]+):(?P<action>[a-zA-Z0-9]+)"
    r"(?P<pattern>\.sync:2|\.sync|\.waitForTaskToken)?"
)


def parse_resource(arn: str) -> Resource:
    """Parse the text of a Resource field.

    Raises:
        InvalidExpression: It is not the ARN of a function, an activity or an integration.
    """
    if match := _FUNCTION.fullmatch(arn):
        return Resource(arn=arn, service="function", action=match["name"])
    if match := _ACTIVITY.fullmatch(arn):
        return Resource(arn=arn, service="activity", action=match["name"])
    if match := _INTEGRATION.fullmatch(arn):
        return Resource(
            arn=arn,
            service=match["service"],
            action=match["action"],
            pattern=Pattern(match["pattern"] or ""),
        )
    raise InvalidExpression(
        f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, or"
        " the resource is not available in this region."
    )
