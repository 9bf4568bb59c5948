"""ARNs taken apart."""

from typing import Any

import pytest

from pipeline.engine.arns import (
    read_activity_arn,
    read_execution_arn,
    read_map_run_arn,
    read_state_machine_arn,
)
from pipeline.integrations.request_errors import RejectedRequest

PREFIX = "arn:aws:states:us-east-1:000000000000"
ACCOUNT_ID = "000000000000"
UUID = "0b1e8e6c-2a58-4b1e-9e1c-5a1f4e1b7a11"


@pytest.mark.parametrize(
    ("resource", "name", "label", "qualifier"),
    [
        ("m", "m", None, None),
        ("m:1", "m", None, "1"),
        ("m:live", "m", None, "live"),
        ("m/Map", "m", "Map", None),
        ("m/For each: item/part", "m", "For each: item/part", None),
    ],
)
def test_what_names_a_state_machine_is_taken_apart(
    resource: str, name: str, label: str | None, qualifier: str | None
) -> None:
    arn = read_state_machine_arn(ACCOUNT_ID, f"{PREFIX}:stateMachine:{resource}", labelled=True)
    assert (arn.name, arn.label, arn.qualifier) == (name, label, qualifier)
    assert arn.machine_arn == f"{PREFIX}:stateMachine:m"


@pytest.mark.parametrize("label", ["Map", "For each: item", "a/b", "ü b"])
def test_map_runs_and_child_executions_may_be_of_a_state_of_any_name(label: str) -> None:
    run = read_map_run_arn(ACCOUNT_ID, f"{PREFIX}:mapRun:m/{label}:{UUID}")
    assert (run.machine_arn, run.label, run.name) == (f"{PREFIX}:stateMachine:m", label, UUID)
    child = read_execution_arn(ACCOUNT_ID, f"{PREFIX}:execution:m/{label}:{UUID}")
    assert (child.label, child.name, child.is_express) == (label, UUID, False)


def test_an_express_execution_has_an_id_behind_its_name() -> None:
    arn = read_execution_arn(ACCOUNT_ID, f"{PREFIX}:express:m:name:{UUID}")
    assert (arn.name, arn.label, arn.is_express) == ("name", None, True)


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("m", "Invalid ARN prefix: m"),
        ("arn:nonsense", "Invalid ARN: arn:nonsense"),
        (f"{PREFIX}:activity:a", "Resource type not valid in this context: activity"),
        (f"{PREFIX}:express:m:name", f"Invalid ARN: {PREFIX}:express:m:name"),
        (f"{PREFIX}:execution:m:name:{UUID}", f"Invalid ARN: {PREFIX}:execution:m:name:{UUID}"),
        (f"{PREFIX}:execution:m/a\x00:b", f"Invalid ARN: {PREFIX}:execution:m/a\x00:b"),
        ("arn:aws:sqs:us-east-1:000000000000:stateMachine:m", "Service not valid in this context"),
    ],
)
def test_what_is_no_arn_of_an_execution_is_refused(arn: str, reason: str) -> None:
    with pytest.raises(RejectedRequest) as caught:
        read_execution_arn(ACCOUNT_ID, arn)
    assert caught.value.code == "InvalidArn"
    assert str(caught.value).startswith(f"Invalid Arn: '{reason}")


@pytest.mark.parametrize("read", [read_activity_arn, read_map_run_arn, read_state_machine_arn])
def test_what_is_another_accounts_is_denied(read: Any) -> None:
    with pytest.raises(RejectedRequest) as caught:
        read(ACCOUNT_ID, "arn:aws:states:us-east-1:111122223333:stateMachine:m")
    assert caught.value.code == "AccessDeniedException"
