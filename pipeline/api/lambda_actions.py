"""Every action of Lambda that the endpoint serves, by AWS's name."""

from collections.abc import Mapping

from pipeline.api.call import Handler
from pipeline.api.lambda_functions import (
    create_function,
    delete_function,
    get_function,
    get_function_code_signing_config,
    get_function_configuration,
    list_functions,
    list_versions_by_function,
    publish_version,
    update_function_code,
    update_function_configuration,
)
from pipeline.api.lambda_invoke import invoke_function

LAMBDA_ACTIONS: Mapping[str, Handler] = {
    "CreateFunction": create_function,
    "DeleteFunction": delete_function,
    "GetFunction": get_function,
    "GetFunctionCodeSigningConfig": get_function_code_signing_config,
    "GetFunctionConfiguration": get_function_configuration,
    "Invoke": invoke_function,
    "ListFunctions": list_functions,
    "ListVersionsByFunction": list_versions_by_function,
    "PublishVersion": publish_version,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
}
