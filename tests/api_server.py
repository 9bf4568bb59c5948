"""The endpoint as clients see it: a real HTTP server over an embedded StateBag.

``api.client("stepfunctions")`` is boto3's client; ``api.client("stepfunctions",
account_id="111122223333")`` is another account's on the same server. Any signature is taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pipeline.api.application import create_application
from pipeline.api.authentication import AnySignature, Identity
from pipeline.api.server import serving
from pipeline.engine.engine import Engine
from tests.platforms import Platform, embedded_platform

ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(kw_only=True)
class Api:
    """A running endpoint.

    Attributes:
        url: Where it is.
        platform: The StateBag behind it.
    """

    url: str
    platform: Platform
    _clients: list[Any] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        """The engine behind it."""
        return self.platform.engine

    def client(
        self,
        service: str,
        *,
        account_id: str = ACCOUNT,
        region: str = REGION,
        secret: str = "secret",  # noqa: S107 - any signature is taken
        access_key_id: str | None = None,
        **config: Any,
    ) -> Any:
        """A boto3 client that checks nothing by itself and tries nothing again.

        Args:
            service: boto3's name of the service: ``stepfunctions``, ``lambda``.
            account_id: Whose client it is.
            region: Where it is.
            secret: Its secret access key.
            access_key_id: Its key's id, where that is not the account's.
            config: What differs in botocore's configuration.
        """
        options = {
            "inject_host_prefix": False,
            "parameter_validation": False,
            "retries": {"total_max_attempts": 1},
        }
        client = boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=access_key_id or account_id,
            aws_secret_access_key=secret,
            config=Config(**(options | config)),
        )
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Close the connections of the clients."""
        for client in self._clients:
            client.close()


@contextmanager
def api_over(platform: Platform, authenticate: Any = None, **options: Any) -> Iterator[Api]:
    """An endpoint for a running StateBag.

    Args:
        platform: Embedded or in server mode.
        authenticate: How callers are known; anybody is taken at their word when it is None.
        options: Further arguments of ``create_application``.
    """
    authenticate = authenticate or AnySignature(Identity(account_id=ACCOUNT, region=REGION))
    application = create_application(platform.engine, authenticate, **options)
    with serving(application, "127.0.0.1", 0) as url:
        api = Api(url=url, platform=platform)
        try:
            yield api
        finally:
            api.close()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An endpoint over an embedded StateBag with a worker, the same for the tests of a module."""
    with (
        embedded_platform(tmp_path_factory.mktemp("api"), sweep_interval_seconds=0.25) as platform,
        api_over(platform) as api,
    ):
        yield api
