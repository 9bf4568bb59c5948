"""boto3 with access keys against an endpoint that verifies signatures."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.api.access_keys import AccessKey, Role, generate_access_key, load_access_keys
from pipeline.api.authentication import VerifiedSignatures
from pipeline.api.call import Call
from tests.api_server import Api
from tests.integration.api.endpoints import endpoint, post


def list_activities(call: Call) -> dict[str, Any]:
    """Tells who asks."""
    return {"activities": [], "nextToken": json.dumps([call.account_id, call.region])}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> AccessKey:
    return generate_access_key(tmp_path_factory.mktemp("keys") / "keys.toml", "777788889999")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, key: AccessKey) -> Iterator[Api]:
    watcher = replace(key, access_key_id="WATCHER", role=Role.READ_ONLY)
    authenticate = VerifiedSignatures({key.access_key_id: key, "WATCHER": watcher})
    directory = tmp_path_factory.mktemp("guarded")
    actions = {"ListActivities": list_activities, "StopExecution": list_activities}
    with endpoint(directory, actions, authenticate) as api:
        yield api


def client(api: Api, key: AccessKey, **differing: str) -> Any:
    options = {"access_key_id": key.access_key_id, "secret": key.secret_access_key, **differing}
    return api.client("stepfunctions", **options)


def test_the_keys_account_and_the_signed_region_are_the_callers(
    guarded: Api, key: AccessKey
) -> None:
    answer = client(guarded, key, region="ap-south-1").list_activities()
    assert json.loads(answer["nextToken"]) == ["777788889999", "ap-south-1"]


def test_a_read_only_key_may_look_and_change_nothing(guarded: Api, key: AccessKey) -> None:
    watcher = client(guarded, key, access_key_id="WATCHER")
    assert watcher.list_activities()["activities"] == []
    with pytest.raises(ClientError, match="is read-only") as caught:
        watcher.stop_execution(executionArn="arn:aws:states:us-east-1:000000000000:execution:a:b")
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("differing", "code"),
    [
        ({"secret": "guess"}, "InvalidSignatureException"),
        ({"access_key_id": "777788889999"}, "UnrecognizedClientException"),
    ],
)
def test_a_wrong_key_is_refused(
    guarded: Api, key: AccessKey, differing: dict[str, str], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        client(guarded, key, **differing).list_activities()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unsigned_request_learns_nothing_of_the_endpoint(guarded: Api) -> None:
    for action, body in (("ListActivities", b"{}"), ("Dance", b"{}"), ("ListActivities", b"{")):
        response = post(guarded, action, body)
        assert response.status_code == 400
        assert response.json()["__type"] == "MissingAuthenticationTokenException"


def test_several_keys_may_be_valid_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    old = generate_access_key(path, "111122223333")
    new = generate_access_key(tmp_path / "new.toml", "111122223333")
    path.write_text(path.read_text() + (tmp_path / "new.toml").read_text())
    authenticate = VerifiedSignatures(load_access_keys(path))
    with endpoint(tmp_path, {"ListActivities": list_activities}, authenticate) as api:
        for pair in (old, new):
            assert client(api, pair).list_activities()["activities"] == []
