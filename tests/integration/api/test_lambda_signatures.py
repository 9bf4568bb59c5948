"""Lambda's actions are signed as AWS's SDKs sign them: ARNs in the path, queries and all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from pipeline.api.access_keys import AccessKey
from pipeline.api.authentication import VerifiedSignatures
from tests.api_server import ACCOUNT, Api
from tests.integration.api.endpoints import endpoint
from tests.integration.api.test_lambda_actions import arn, create

KEY = AccessKey(access_key_id="SBAKLAMBDA", secret_access_key="secret", account_id=ACCOUNT)


@pytest.fixture
def signed_api(tmp_path: Path) -> Iterator[Api]:
    verified = VerifiedSignatures({KEY.access_key_id: KEY})
    with endpoint(tmp_path, {}, verified) as api:
        yield api


def test_signed_requests_are_served_whatever_stands_in_their_paths(signed_api: Api) -> None:
    client = signed_api.client("lambda", access_key_id=KEY.access_key_id)
    create(client, "signed", Publish=True)
    got = client.get_function(FunctionName=arn("signed"), Qualifier="$LATEST")
    assert got["Configuration"]["FunctionArn"] == f"{arn('signed')}:$LATEST"
    listed = client.list_functions(FunctionVersion="ALL", MaxItems=50)["Functions"]
    assert f"{arn('signed')}:1" in [function["FunctionArn"] for function in listed]


def test_a_request_with_another_secret_is_refused(signed_api: Api) -> None:
    client = signed_api.client("lambda", access_key_id=KEY.access_key_id, secret="guessed")
    with pytest.raises(ClientError) as caught:
        client.list_functions()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
