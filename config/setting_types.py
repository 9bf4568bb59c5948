"""Types of settings that need more than a plain type: the URLs understood, the log levels."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator

_OBJECT_STORE_URL = re.compile(r"s3://[^/]|file://(localhost)?/")


def _one_of(*schemes: str, reason: str = "") -> AfterValidator:
    """A check that a URL begins with one of the schemes; ``reason`` says why others are refused."""

    def check(value: str) -> str:
        if value.startswith(schemes):
            return value
        raise ValueError(f"expected a URL beginning with {', '.join(schemes)}{reason}")

    return AfterValidator(check)


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _object_store(place: str) -> str:
    if "://" in place and _OBJECT_STORE_URL.match(place) is None:
        raise ValueError("expected a directory, file:///path or s3://bucket/prefix")
    return place


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


BrokerUrl: TypeAlias = Annotated[
    str, _one_of("memory://", "amqp://", "amqps://", "redis://", "rediss://", "sentinel://")
]
"""A broker whose messages survive a worker; ``filesystem://`` loses some, so it is not here."""

ResultBackendUrl: TypeAlias = Annotated[
    str,
    _one_of(
        "cache+memory://",
        "redis://",
        "rediss://",
        "sentinel://",
        reason=" (others join no chords, or join them twice)",
    ),
]

LedgerUrl: TypeAlias = Annotated[
    str,
    _one_of("sqlite:///", "postgresql://", "postgresql+psycopg://"),
    AfterValidator(_with_driver),
]

ObjectStoreUrl: TypeAlias = Annotated[str, AfterValidator(_object_store)]

LogLevel: TypeAlias = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
]

StandardDefinition: TypeAlias = Literal["aws_step_functions_v3.json", "aws_step_functions.json"]
"""The files of the Smart StateBag's standard machine."""

DistributedDefinition: TypeAlias = Literal[
    "aws_step_functions_distributed_v3.json", "aws_step_functions_distributed.json"
]
"""The files of the Smart StateBag's distributed machine."""
