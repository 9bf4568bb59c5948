"""An object store in an S3 bucket, at AWS or at any server that speaks its protocol."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.payloads.object_store import (
    ObjectMissing,
    ObjectStoreUnavailable,
    StoredObject,
    check_key,
)

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard"},  # three attempts, unless AWS_MAX_ATTEMPTS says otherwise
    max_pool_connections=32,
    # Every read verifies a SHA-256, and servers other than AWS may reject trailing checksums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class S3Store:
    """Objects in one bucket, below an optional prefix.

    Endpoint, region and credentials come from AWS's own conventions: ``AWS_ENDPOINT_URL_S3``,
    ``AWS_DEFAULT_REGION``, ``AWS_PROFILE``, instance roles and the rest that boto3 reads by itself.
    """

    def __init__(self, *, bucket: str, prefix: str = "") -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client_of_process: tuple[int, Any] | None = None

    def put(self, key: str, data: bytes) -> None:
        """See ``ObjectStore.put``."""
        with self._failing_as_unavailable(key):
            self._client().put_object(Bucket=self._bucket, Key=self._full(key), Body=data)

    def get(self, key: str) -> bytes:
        """See ``ObjectStore.get``."""
        with self._failing_as_unavailable(key):
            try:
                answer = self._client().get_object(Bucket=self._bucket, Key=self._full(key))
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    raise ObjectMissing(self.uri(key)) from None
                raise
            data: bytes = answer["Body"].read()
            return data

    def delete(self, key: str) -> None:
        """See ``ObjectStore.delete``."""
        with self._failing_as_unavailable(key):
            self._client().delete_object(Bucket=self._bucket, Key=self._full(key))

    def keys(self, prefix: str) -> Iterator[StoredObject]:
        """See ``ObjectStore.keys``."""
        with self._failing_as_unavailable(prefix):
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix):
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self._prefix)
                    yield StoredObject(key=key, size=found["Size"])

    def uri(self, key: str) -> str:
        """The object's ``s3:`` URI."""
        return f"s3://{self._bucket}/{self._full(key)}"

    def _full(self, key: str) -> str:
        check_key(key)
        return self._prefix + key

    def _client(self) -> Any:  # boto3 makes the client's class at run time
        """The process's own client, because a client inherited by a fork shares its parent's
        sockets.

        When two threads call this at once, each makes a client and one of the two is kept, which is
        harmless. A lock could stay locked for ever in a forked process.
        """
        process = os.getpid()
        if self._client_of_process is None or self._client_of_process[0] != process:
            # A session of its own, since the default session is not safe between threads.
            client = boto3.session.Session().client("s3", config=_CONFIG)
            self._client_of_process = (process, client)
        return self._client_of_process[1]

    @contextmanager
    def _failing_as_unavailable(self, key: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            uri = f"s3://{self._bucket}/{self._prefix}{key}"
            raise ObjectStoreUnavailable(uri, str(error)) from error
