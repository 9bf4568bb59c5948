"""Calls of service integrations, with results and errors in Step Functions' words.

AWS Step Functions Developer Guide, "Integrating services".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from pipeline.integrations.services.aws import Caller, aws_operation
from pipeline.integrations.services.client import Operation, Service, client_error
from pipeline.integrations.services.http_task import HTTP_INVOKE, HttpTask
from pipeline.integrations.services.parameters import to_parameters, unusable
from pipeline.integrations.services.results import to_result
from pipeline.integrations.services.service_actions import ActionModel, UnknownAction, find_action
from pipeline.integrations.services.service_errors import service_error
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.json_value import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services that Task states call.

    Attributes:
        local: Services that StateBag serves itself, by botocore's names.
        http: Calls third-party endpoints.
        region: The region if the environment names none.
        strict_limits: Whether results are limited to 256 KiB.
    """

    local: Mapping[str, Service]
    http: HttpTask
    region: str
    strict_limits: bool

    def call(self, service: str, action: str, arguments: Json, role_arn: str | None = None) -> Json:
        """Call an action and return the Task state's result.

        Args:
            service, action: Those in the Resource, in its spelling.
            arguments: The effective input.
            role_arn: The role of the state's Credentials, or None.

        Raises:
            ExecutionError: The service rejected the call or was not reached, or the parameters are
                not the action's.
        """
        if f"{service}:{action}" == HTTP_INVOKE:
            return self.http.invoke(arguments)
        try:
            model = find_action(service, action)
        except (
            UnknownAction
        ) as error:  # the definition was checked with newer models, or not at all
            raise ExecutionError(RUNTIME, str(error)) from error
        is_local = model.service in self.local
        parameters = to_parameters(arguments, model, blobs_as_text=is_local)
        try:
            answer = self.operation(model, role_arn)(**parameters)
            result = to_result(answer, model, strict_limits=self.strict_limits)
        except ClientError as error:
            raise service_error(error, model) from error
        except ParamValidationError as error:
            raise unusable(arguments, str(error)) from error
        except BotoCoreError as error:
            raise ExecutionError(f"{model.client}.SdkClientException", str(error)) from error
        return {name: parameters[name] for name in model.repeated} | result

    def operation(self, action: ActionModel, role_arn: str | None = None) -> Operation:
        """The operation that calls an action.

        Raises:
            ExecutionError: States.Permissions, if the role cannot be assumed.
            botocore.exceptions.ClientError: A local service does not have the action.
        """
        local = self.local.get(action.service)
        if local is None:
            return aws_operation(action, Caller(region=self.region, role_arn=role_arn))
        if action.action not in local:
            message = f"The local {action.client} does not have the action '{action.action}'"
            raise client_error(action.operation.name, "UnknownOperationException", message)
        return local[action.action]
