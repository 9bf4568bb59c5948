"""A bucket in S3, at AWS or at any server that speaks its protocol."""

import os
from functools import lru_cache
from typing import Any

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.buckets.bucket import BucketError, refusal

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard"},
    max_pool_connections=32,
    # Servers other than AWS may refuse trailing checksums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class S3Bucket:
    """One bucket; endpoint, region and credentials come from AWS's own conventions."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get(self, key: str) -> bytes:
        """See ``Bucket.get``."""
        try:
            answer = _client().get_object(Bucket=self._name, Key=key)
            data: bytes = answer["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise _quoted(error) from error
        return data

    def put(self, key: str, data: bytes) -> None:
        """See ``Bucket.put``."""
        try:
            _client().put_object(
                Bucket=self._name, Key=key, Body=data, ContentType="application/json"
            )
        except (ClientError, BotoCoreError) as error:
            raise _quoted(error) from error


def _client() -> Any:
    # A client that came through a fork shares its parent's sockets, and one made for another
    # endpoint would ask there.
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return _client_of(os.getpid(), endpoint)


@lru_cache(maxsize=4)
def _client_of(_process: int, _endpoint: str | None) -> Any:
    return boto3.session.Session().client("s3", config=_CONFIG)


def _quoted(error: ClientError | BotoCoreError) -> BucketError:
    if not isinstance(error, ClientError):
        return BucketError(str(error))
    answer, metadata = error.response["Error"], error.response["ResponseMetadata"]
    return refusal(
        answer.get("Message") or answer["Code"],
        status=metadata["HTTPStatusCode"],
        code=answer["Code"],
        request_id=metadata.get("RequestId", ""),
    )
