"""Logging, tracing and encryption of a state machine, checked and with their defaults.

API reference, "LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration".
"""

import re
from typing import Any

from pipeline.api.errors import ApiError
from pipeline.engine.arns import check_role_arn
from pipeline.language.json_value import JsonObject
from pipeline.state_machines.machines import NO_LOGGING, OWNED_KEY, Configuration

DATA_KEY_REUSE_SECONDS = 300
"""How long a data key is used when the encryption does not say."""

_LOG_GROUP = re.compile(r"arn:aws[a-z-]*:logs:[a-z0-9-]+:\d{12}:log-group:[A-Za-z0-9_./#-]+:\*")


def read_configuration(given: dict[str, Any]) -> Configuration:
    """The configuration that the input of CreateStateMachine or UpdateStateMachine holds.

    Raises:
        InvalidArn: ``roleArn`` is not the ARN of a role.
        ApiError: InvalidLoggingConfiguration, InvalidTracingConfiguration or
            InvalidEncryptionConfiguration.
    """
    role_arn = given.get("roleArn")
    if role_arn is not None:
        check_role_arn(role_arn)
    logging = given.get("loggingConfiguration")
    tracing = given.get("tracingConfiguration")
    encryption = given.get("encryptionConfiguration")
    return Configuration(
        role_arn=role_arn,
        logging=None if logging is None else _logging(logging),
        tracing_enabled=None if tracing is None else _tracing(tracing),
        encryption=None if encryption is None else read_encryption(encryption),
    )


def _logging(given: dict[str, Any]) -> JsonObject:
    configuration = NO_LOGGING | given
    destinations = given.get("destinations", [])
    if len(destinations) > 1 or (configuration["level"] != "OFF" and not destinations):
        raise _invalid_logging("Must specify exactly one Log Destination.")
    for destination in destinations:
        group = destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")
        if not _LOG_GROUP.fullmatch(group):
            raise _invalid_logging("Log Destination is not the ARN of a log group ending in ':*'.")
    return configuration


def _invalid_logging(reason: str) -> ApiError:
    return ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {reason}")


def _tracing(given: dict[str, Any]) -> bool:
    if "enabled" not in given:
        raise ApiError(
            "InvalidTracingConfiguration",
            "Invalid Tracing Configuration: 'enabled' must be set to true or false.",
        )
    return bool(given["enabled"])


def read_encryption(given: dict[str, Any]) -> JsonObject:
    """An encryption configuration.

    Raises:
        ApiError: InvalidEncryptionConfiguration.
    """
    if given["type"] == OWNED_KEY["type"]:
        if len(given) > 1:
            raise _invalid_encryption("An AWS owned key takes no 'kmsKeyId' and no reuse period.")
        return given
    if "kmsKeyId" not in given:
        raise _invalid_encryption("A customer managed key needs 'kmsKeyId'.")
    return {"kmsDataKeyReusePeriodSeconds": DATA_KEY_REUSE_SECONDS} | given


def _invalid_encryption(reason: str) -> ApiError:
    return ApiError("InvalidEncryptionConfiguration", f"Invalid Encryption Configuration: {reason}")
