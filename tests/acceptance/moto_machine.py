"""moto's Step Functions engine, a second and independent interpreter of the same language.

DynamoDB, EventBridge and S3 are moto's too; Lambda functions are the handlers of the functions
file, called in this process.
"""

import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from config.local_deployment import function_environment, local_deployment
from config.settings import Settings
from pipeline.integrations.functions.calling import call
from pipeline.integrations.functions.function import PythonFunction
from pipeline.integrations.functions.functions import Functions
from pipeline.integrations.functions.functions_file import load_functions
from pipeline.integrations.functions.lambda_context import lambda_context
from pipeline.language.errors import ExecutionError
from tasks.smart_statebag.tables.schemas import IDEMPOTENCY, TASK_TOKENS, WORKFLOWS, TableSchema
from tests.acceptance.entered_states import Route, route_of

ACCOUNT = "123456789012"
"""The account that moto gives everybody."""

REGION = "us-east-1"
PATIENCE = 60
"""Seconds in which any execution has long ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished execution on either interpreter; ``output`` or ``error`` and ``cause``."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """As much of boto3's Lambda client as moto's engine uses."""

    functions: Functions

    def invoke(self, *, FunctionName: str, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Call a handler as Lambda's Invoke does."""
        function = self.functions.find(FunctionName)
        assert isinstance(function, PythonFunction)
        context = lambda_context(
            FunctionName,
            request_id=str(uuid4()),
            deadline=None,
            region=REGION,
            account_id=ACCOUNT,
        )
        answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        try:
            result = call(function, json.loads(Payload), context)
        except ExecutionError as error:
            payload = io.BytesIO(error.cause.encode())
            return {**answer, "FunctionError": "Unhandled", "Payload": payload}
        return {**answer, "Payload": io.BytesIO(json.dumps(result).encode())}


@dataclass(frozen=True, slots=True, kw_only=True)
class MotoMachine:
    """A state machine on moto."""

    client: Any
    arn: str

    def run(self, execution_input: Mapping[str, Any], name: str) -> Run:
        """Start an execution and wait for its end."""
        started = self.client.start_execution(
            stateMachineArn=self.arn, name=name, input=json.dumps(execution_input)
        )
        arn = started["executionArn"]
        deadline = time.monotonic() + PATIENCE
        while (ended := self.client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} does not end"
            time.sleep(0.05)
        output = ended.get("output")
        return Run(
            status=ended["status"],
            output=None if output is None else json.loads(output),
            error=ended.get("error"),
            cause=ended.get("cause"),
            route=route_of(self._events(arn)),
        )

    def _events(self, arn: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]


@contextmanager
def moto_machine(
    name: str, definition: Mapping[str, Any], settings: Settings, patch: pytest.MonkeyPatch
) -> Iterator[MotoMachine]:
    """A state machine on moto, with the resources that the functions need."""
    handlers = Handlers(functions=load_functions(settings.functions_file, "functions"))
    environment = function_environment(settings)
    environment.pop("STATE_STORAGE_DIR", None)
    environment |= {"AWS_DEFAULT_REGION": REGION}
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}), patch.context() as on:
        for variable, value in environment.items():
            on.setenv(variable, value)
        for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            on.delenv(variable, raising=False)
        on.setattr(lambda_eval_utils, "boto_client_for", lambda **_: handlers)
        _create_resources(settings, environment)
        client = boto3.client("stepfunctions")
        machine = client.create_state_machine(
            name=name,
            definition=json.dumps(definition),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/statebag",
        )
        yield MotoMachine(client=client, arn=machine["stateMachineArn"])


def _create_resources(settings: Settings, environment: Mapping[str, str]) -> None:
    premises = local_deployment(settings)
    boto3.client("s3").create_bucket(Bucket=premises.state_bucket)
    boto3.client("events").create_event_bus(Name=premises.event_bus)
    for schema in (IDEMPOTENCY, TASK_TOKENS, WORKFLOWS):
        _create_table(environment[schema.setting], schema)


def _create_table(name: str, schema: TableSchema) -> None:
    indexes = [
        {"IndexName": index, "KeySchema": _keys(key), "Projection": {"ProjectionType": "ALL"}}
        for index, key in schema.indexes.items()
    ]
    attributes = {*schema.key, *(each for key in schema.indexes.values() for each in key)}
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=_keys(schema.key),
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in sorted(attributes)
        ],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )


def _keys(key: tuple[str, ...]) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(key, kinds[: len(key)], strict=True)
    ]
