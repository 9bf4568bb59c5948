"""boto3's clients of AWS, or of whatever server ``AWS_ENDPOINT_URL_*`` names."""

import os
from typing import Any

import boto3.session
from botocore.config import Config

REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
DEFAULT_REGION = "us-east-1"

ATTEMPTS = 3
CONNECT_SECONDS = 5


def region() -> str:
    """The region the environment names; compatible servers on premises need none of it."""
    named = (os.environ.get(name) for name in REGION_VARIABLES)
    return next((name for name in named if name), DEFAULT_REGION)


def aws_client(service: str, config: Config) -> Any:
    """A client in the region of the environment."""
    return boto3.session.Session(region_name=region()).client(service, config=config)


def retrying_client(service: str, *, read_seconds: int) -> Any:
    """A client that makes up to ``ATTEMPTS`` attempts by itself."""
    config = Config(
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
    )
    return aws_client(service, config)
