"""The actions of AWS services by their Resource ARNs, from botocore's models.

AWS Step Functions Developer Guide, "Integrating services": an *optimised* integration has a name of
its own (``sqs:sendMessage``), every other action is called ``aws-sdk:<service>:<action>``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel

from pipeline.integrations.services.service_names import (
    action_name,
    client_name,
    optimised_exception,
    optimised_field,
    sdk_exception,
    sdk_field,
    sdk_name,
)
from pipeline.language.parsing.did_you_mean import did_you_mean

SDK = "aws-sdk:"

_BOTOCORE_NAMES: Mapping[str, str] = {
    "applicationdiscovery": "discovery",
    "cloudwatchevents": "events",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntime": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplaceentitlement": "marketplace-entitlement",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}
"""Services whose botocore name differs from their name in Resources in more than hyphens."""

_SECOND_NAMES: Mapping[str, str] = {"cloudwatchevents": "eventbridge"}
"""A second client of the Java SDK for the same service."""

OPTIMISED: Mapping[str, tuple[str, str]] = {
    "athena": ("Athena", "AmazonAthenaException"),
    "batch": ("Batch", "AWSBatchException"),
    "codebuild": ("CodeBuild", "AWSCodeBuildException"),
    "databrew": ("DataBrew", "AWSGlueDataBrewException"),
    "dynamodb": ("DynamoDB", "AmazonDynamoDBException"),
    "ecs": ("ECS", "AmazonECSException"),
    "eks": ("EKS", "AmazonEKSException"),
    "emr-containers": ("EMRContainers", "AmazonEMRContainersException"),
    "emr-serverless": ("EmrServerless", "EmrServerlessException"),
    "events": ("EventBridge", "AmazonEventBridgeException"),
    "glue": ("Glue", "AWSGlueException"),
    "mediaconvert": ("MediaConvert", "AWSMediaConvertException"),
    "sagemaker": ("SageMaker", "AmazonSageMakerException"),
    "sns": ("SNS", "AmazonSNSException"),
    "sqs": ("SQS", "AmazonSQSException"),
}
"""The prefix of error names of each optimised integration, and its name of an unmodelled error."""

_NAMES_IN_CAUSES: Mapping[str, str] = {"dynamodb": "AmazonDynamoDBv2"}
"""The Java SDK 1's name of a service in messages, if it differs from that of its exception."""

_FREE_TEXTS: Mapping[str, frozenset[str]] = {
    "aws-sdk:sfn:startExecution": frozenset({"Input"}),
    "aws-sdk:sfn:startSyncExecution": frozenset({"Input"}),
    "sqs:sendMessage": frozenset({"MessageBody"}),
    "sns:publish": frozenset({"Message"}),
}
"""Text parameters that take any JSON value."""

_REPEATED: Mapping[str, frozenset[str]] = {"glue:startJobRun": frozenset({"JobName"})}
"""Parameters that an optimised integration repeats in its result."""


class UnknownAction(Exception):
    """A Resource names an action that no service has, or that Step Functions does not offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionModel:
    """An action of a service.

    Attributes:
        resource: The Resource, without a pattern.
        service: botocore's name of the service.
        action: As Resources spell it, which is unique within the service.
        operation: botocore's model.
        client: The prefix of error names: ``S3``, ``DynamoDb``; optimised: ``DynamoDB``.
        name_in_causes: The service's name in causes of errors.
        unmodelled_error: The name of an error that the service's model does not know.
        field_name: Translates a field of the model to its name in parameters and results.
        exception_name: Translates an error of the model to its name in Step Functions.
        is_optimised: Whether it is an optimised integration.
        free_texts: Text parameters that take any JSON value.
        repeated: Parameters that the result repeats.
    """

    resource: str
    service: str
    action: str
    operation: OperationModel
    client: str
    name_in_causes: str
    unmodelled_error: str
    field_name: Callable[[str], str]
    exception_name: Callable[[str], str]
    is_optimised: bool
    free_texts: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()


@lru_cache(maxsize=256)
def find_action(service: str, action: str) -> ActionModel:
    """The action that a Resource names.

    Args:
        service: ``aws-sdk:s3``, or an optimised integration's ``sqs``.
        action: ``getObject``.

    Raises:
        UnknownAction: There is none.
    """
    if not service.startswith(SDK):
        return _optimised_action(service, action)
    model = sdk_service(service.removeprefix(SDK))
    client = client_name(model.service_id)
    return ActionModel(
        resource=f"arn:aws:states:::{service}:{action}",
        service=model.service_name,
        action=action,
        operation=_operation(model, service, action),
        client=client,
        name_in_causes=client,
        unmodelled_error=f"{client}Exception",
        field_name=sdk_field,
        exception_name=sdk_exception,
        is_optimised=False,
        free_texts=_FREE_TEXTS.get(f"{service}:{action}", frozenset()),
    )


def _optimised_action(service: str, action: str) -> ActionModel:
    client, unmodelled_error = OPTIMISED[service]
    return ActionModel(
        resource=f"arn:aws:states:::{service}:{action}",
        service=service,
        action=action,
        operation=_operation(service_model(service), service, action),
        client=client,
        name_in_causes=_NAMES_IN_CAUSES.get(service, unmodelled_error.removesuffix("Exception")),
        unmodelled_error=unmodelled_error,
        field_name=optimised_field,
        exception_name=optimised_exception,
        is_optimised=True,
        free_texts=_FREE_TEXTS.get(f"{service}:{action}", frozenset()),
        repeated=_REPEATED.get(f"{service}:{action}", frozenset()),
    )


def _operation(model: ServiceModel, service: str, action: str) -> OperationModel:
    by_action = {action_name(name): name for name in model.operation_names}
    if action not in by_action:
        hint = did_you_mean(action, by_action)
        raise UnknownAction(f"The service '{service}' has no action '{action}'{hint}")
    operation = model.operation_model(by_action[action])
    if operation.has_event_stream_input or operation.has_event_stream_output:
        raise UnknownAction(
            f"The action '{action}' of '{service}' streams events, which Step Functions does not"
            " support"
        )
    return operation


def sdk_service(name: str) -> ServiceModel:
    """The model of a service by its name after ``aws-sdk:``.

    Raises:
        UnknownAction: There is none.
    """
    by_name = _botocore_names()
    if name in by_name:
        model = service_model(by_name[name])
        right_name = sdk_name(model.service_id)
        if right_name == _SECOND_NAMES.get(name, name):
            return model
        raise _unknown_service(name, f"; did you mean '{right_name}'?")
    raise _unknown_service(name, did_you_mean(name, by_name))


def _unknown_service(name: str, hint: str) -> UnknownAction:
    return UnknownAction(f"There is no AWS service '{name}'{hint}")


@lru_cache(maxsize=1)
def _botocore_names() -> Mapping[str, str]:
    """The names that services may have in Resources, without loading each model."""
    plain = {name.replace("-", ""): name for name in _session().get_available_services()}
    return {**plain, **_BOTOCORE_NAMES}


@lru_cache(maxsize=32)
def service_model(service: str) -> ServiceModel:
    """The model of a service by botocore's name."""
    return _session().get_service_model(service)


@lru_cache(maxsize=1)
def _session() -> Any:
    return botocore.session.get_session()
