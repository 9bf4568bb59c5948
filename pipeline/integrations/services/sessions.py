"""Sessions of boto3: with the environment's own credentials, or with those of a role.

Specification: "Task state", Credentials; AWS Step Functions Developer Guide, "Accessing resources
in other AWS accounts".
"""

import boto3.session
import botocore.session
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.language.errors import PERMISSIONS, ExecutionError

_SESSION_NAME = "statebag"


def session_of(role_arn: str | None, region: str) -> boto3.session.Session:
    """A new session.

    Args:
        role_arn: The role to assume; its credentials are renewed shortly before they expire.
        region: The region if the environment names none.

    Raises:
        ExecutionError: States.Permissions, if the role cannot be assumed.
    """
    own = botocore.session.Session()
    if own.get_config_variable("region") is None:
        own.set_config_variable("region", region)
    if role_arn is None:
        return boto3.session.Session(botocore_session=own)
    assumed = botocore.session.Session()
    assumed.set_config_variable("region", own.get_config_variable("region"))
    credentials = _credentials_of(role_arn, own)
    # boto3 has no public way to give a session credentials that renew themselves.
    assumed._credentials = credentials
    _require(credentials, role_arn)
    return boto3.session.Session(botocore_session=assumed)


def _credentials_of(role_arn: str, own: botocore.session.Session) -> DeferredRefreshableCredentials:
    source = own.get_credentials()
    if source is None:
        raise _not_assumed(role_arn, "Unable to locate credentials")
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=own.create_client,
        source_credentials=source,
        role_arn=role_arn,
        extra_args={"RoleSessionName": _SESSION_NAME},
    )
    return DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    )


def _require(credentials: DeferredRefreshableCredentials, role_arn: str) -> None:
    try:
        credentials.get_frozen_credentials()
    except (ClientError, BotoCoreError) as error:
        raise _not_assumed(role_arn, str(error)) from error


def _not_assumed(role_arn: str, reason: str) -> ExecutionError:
    cause = f"The task state's role, '{role_arn}', cannot be assumed: {reason}"
    return ExecutionError(PERMISSIONS, cause)
