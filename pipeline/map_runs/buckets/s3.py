"""A bucket in S3, at AWS or at any server that speaks its protocol."""

import io
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import IO, Any

import boto3.session
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.map_runs.buckets.bucket import BucketError, ListedObject, s3_error

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard"},
    max_pool_connections=32,
    # Servers other than AWS may reject trailing checksums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


_TRANSFER = TransferConfig(multipart_threshold=16 * 1024 * 1024, use_threads=False)
"""Uploads a long file in parts, one at a time, so that only one part is in memory."""

_READ_BYTES = 256 * 1024
"""How many bytes are read from a stream at a time."""


class S3Bucket:
    """One bucket; endpoint, region and credentials come from AWS's own conventions."""

    def __init__(self, name: str, owner: str | None = None) -> None:
        """Name the bucket, and the account that must own it."""
        self._name = name
        self._owner = {} if owner is None else {"ExpectedBucketOwner": owner}

    def get(self, key: str) -> bytes:
        """See ``Bucket.get``."""
        with self.open(key) as stream:
            return stream.read()

    @contextmanager
    def open(self, key: str, version_id: str | None = None) -> Iterator[io.BufferedReader]:
        """See ``Bucket.open``."""
        version = {} if version_id is None else {"VersionId": version_id}
        with _quoted():
            answer = _client().get_object(Bucket=self._name, Key=key, **version, **self._owner)
            with closing(answer["Body"]) as body:
                yield io.BufferedReader(body, _READ_BYTES)

    def objects(self, prefix: str) -> Iterator[ListedObject]:
        """See ``Bucket.objects``."""
        pages = _client().get_paginator("list_objects_v2")
        with _quoted():
            for page in pages.paginate(Bucket=self._name, Prefix=prefix, **self._owner):
                yield from map(_listed, page.get("Contents", ()))

    def put(self, key: str, data: bytes) -> None:
        """See ``Bucket.put``."""
        with _quoted():
            _client().put_object(
                Bucket=self._name, Key=key, Body=data, ContentType="application/json", **self._owner
            )

    def put_file(self, key: str, file: IO[bytes]) -> None:
        """See ``Bucket.put_file``."""
        file.seek(0)
        extra = {"ContentType": "application/json", **self._owner}
        with _quoted():
            _client().upload_fileobj(file, self._name, key, ExtraArgs=extra, Config=_TRANSFER)


def _listed(answer: dict[str, Any]) -> ListedObject:
    return ListedObject(
        key=answer["Key"],
        etag=answer["ETag"],
        last_modified=int(answer["LastModified"].timestamp()),
        size=answer["Size"],
        storage_class=answer.get("StorageClass", "STANDARD"),
    )


def _client() -> Any:
    # A client inherited by a fork shares its parent's sockets, and a client made for another
    # endpoint would call that one.
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return _client_of(os.getpid(), endpoint)


@lru_cache(maxsize=4)
def _client_of(_process: int, _endpoint: str | None) -> Any:
    return boto3.session.Session().client("s3", config=_CONFIG)


@contextmanager
def _quoted() -> Iterator[None]:
    """Translate S3's errors within the block into Step Functions' words."""
    try:
        yield
    except ClientError as error:
        answer, metadata = error.response["Error"], error.response["ResponseMetadata"]
        raise s3_error(
            answer.get("Message") or answer["Code"],
            status=metadata["HTTPStatusCode"],
            code=answer["Code"],
            request_id=metadata.get("RequestId", ""),
        ) from error
    except (BotoCoreError, Boto3Error) as error:
        raise BucketError(str(error)) from error
