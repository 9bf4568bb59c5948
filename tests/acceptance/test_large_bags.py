"""Five megabytes lose nothing on their way, and Korean text is measured in bytes (Contract 3.2)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.bag.state_bucket import load_from_s3
from tasks.smart_statebag.state_data_manager.handler import lambda_handler as state_data_manager
from tests.acceptance.failures import simple
from tests.acceptance.smart_statebag import SmartStateBag, embedded_statebag
from tests.acceptance.workflows import KOREAN_TEXT

MEGABYTE = 1024 * 1024
FIELD_LIMIT = 30 * 1024


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path_factory.mktemp("statebag")) as made:
        yield made


@pytest.mark.parametrize("action", ["sync", "update_and_compress"])
def test_a_bag_of_five_megabytes_travels_as_pointers_and_loses_nothing(
    statebag: SmartStateBag, action: str
) -> None:
    recorded = statebag.succeed("C", simple())
    large: Any = {f"field{number}": KOREAN_TEXT * 26 for number in range(5)}
    assert size_of(large) > 5 * MEGABYTE
    result = recorded.calls_of("ExecuteSegment")[0].result
    event = {
        "action": action,
        "state_data": {**recorded.bag, **large},
        "execution_result": result,
    }
    answer: Any = state_data_manager(event)
    bag = answer["state_data"] if action == "sync" else answer
    assert size_of(answer) < 200 * 1024
    for name, value in large.items():
        assert bag[name]["type"] == "s3_reference"
        assert bag[name]["size_bytes"] == size_of(value)
        assert load_from_s3(bag[name]["s3_path"]) == value


def test_a_state_of_five_megabytes_never_travels(statebag: SmartStateBag) -> None:
    large = {f"text{number}": KOREAN_TEXT * 26 for number in range(5)}
    recorded = statebag.succeed("C", simple(**large))
    assert recorded.final_state == large
    assert max(len(text.encode()) for text in recorded.documents()) < 256 * 1024


@pytest.mark.parametrize(("characters", "offloaded"), [(10239, False), (10240, True)])
def test_korean_text_is_measured_in_bytes(
    statebag: SmartStateBag, characters: int, offloaded: bool
) -> None:
    note = "가" * characters  # three bytes each, and two quotation marks
    assert (size_of(note) > FIELD_LIMIT) is offloaded
    recorded = statebag.succeed("C", simple())
    event: Any = {
        "action": "sync",
        "state_data": {**recorded.bag, "note": note},
        "execution_result": recorded.calls_of("ExecuteSegment")[0].result,
    }
    answer: Any = state_data_manager(event)
    kept = answer["state_data"]["note"]
    if not offloaded:
        assert kept == note
        return
    assert kept["size_bytes"] == 3 * characters + 2
    assert load_from_s3(kept["s3_path"]) == note
