"""Calls of services that end before a request is sent are errors of their state."""

from pathlib import Path

import pytest

from pipeline.integrations.services.connections import Connections
from pipeline.integrations.services.http_task import HttpTask
from pipeline.integrations.services.integrations import Services
from pipeline.language.errors import ExecutionError

ROLE = "arn:aws:iam::111122223333:role/worker"


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Services at nobody's: there are no credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:1/{tmp_path.name}")
    http = HttpTask(Connections(by_name={}), lambda: 0.0, region="us-east-1")
    local = {"dynamodb": {"getItem": lambda **parameters: parameters}}
    return Services(local=local, http=http, region="us-east-1", strict_limits=True)


@pytest.mark.parametrize(
    ("service", "action", "role_arn", "shown"),
    [
        ("aws-sdk:s3", "listBuckets", None, ("S3.SdkClientException", "Unable to locate cred")),
        (
            "aws-sdk:s3",
            "listBuckets",
            ROLE,
            ("States.Permissions", "The task state's role, '" + ROLE),
        ),
        ("aws-sdk:s3", "noSuchAction", None, ("States.Runtime", "The service 'aws-sdk:s3' has no")),
        (
            "aws-sdk:dynamodb",
            "listTables",
            None,
            ("DynamoDb.DynamoDbException", "The local Dynamo"),
        ),
    ],
)
def test_it_is_named(
    services: Services, service: str, action: str, role_arn: str | None, shown: tuple[str, str]
) -> None:
    error, cause = shown
    with pytest.raises(ExecutionError) as caught:
        services.call(service, action, {}, role_arn)
    assert caught.value.error == error
    assert caught.value.cause.startswith(cause)
