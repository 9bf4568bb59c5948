"""Objects in S3, by boto3."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tasks.smart_statebag.bag.aws_clients import CONNECT_SECONDS, aws_client
from tasks.smart_statebag.bag.object_store import StoredObject, StoreFailure


def s3_client() -> Any:
    """A client for AWS or for whatever ``AWS_ENDPOINT_URL_S3`` names.

    botocore's own retries are off: the contract counts three attempts, and so do the metrics.
    """
    elsewhere = any(os.environ.get(name) for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"))
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=30,
        max_pool_connections=32,
        # Compatible servers seldom have a host name per bucket.
        s3={"addressing_style": "path" if elsewhere else "auto"},
    )
    return aws_client("s3", config)


class S3Store:
    """One S3 bucket."""

    def __init__(self, bucket: str, client: Any | None = None) -> None:
        self.bucket = bucket
        self._client = s3_client() if client is None else client
        host = urlsplit(self._client.meta.endpoint_url).hostname or ""
        self._on_aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn"))

    def get(self, key: str) -> StoredObject:
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=key)
            return StoredObject(
                body=answer["Body"].read(), sha256=answer.get("Metadata", {}).get("sha256")
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreFailure(str(error)) from error

    def put(self, key: str, body: bytes, *, sha256: str | None = None) -> None:
        encryption = {"ServerSideEncryption": "AES256"} if self._on_aws else {}
        try:
            self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=body,
                ContentType="application/json",
                Metadata={"sha256": sha256} if sha256 else {},
                **encryption,
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreFailure(str(error)) from error

    def list_keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        try:
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                yield from (entry["Key"] for entry in page.get("Contents", ()))
        except (ClientError, BotoCoreError) as error:
            raise StoreFailure(str(error)) from error
