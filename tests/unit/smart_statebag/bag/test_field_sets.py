"""The field sets have the sizes and relations of the contract (2.1, 2.2)."""

import pytest

from tasks.smart_statebag.bag.field_sets import (
    BB,
    BR,
    INIT_FIELDS,
    LB_A,
    LB_B,
    NEVER_OFFLOADED,
    SD_24,
    SD_25,
)


@pytest.mark.parametrize(
    ("fields", "count"), [(SD_25, 25), (SD_24, 24), (LB_A, 27), (LB_B, 27), (BR, 18), (BB, 16)]
)
def test_each_set_has_its_size_and_names_no_field_twice(
    fields: tuple[str, ...], count: int
) -> None:
    assert len(fields) == len(set(fields)) == count


def test_sd_24_differs_from_sd_25_as_written() -> None:
    assert set(SD_25) - set(SD_24) == {
        "light_config",
        "workflow_config_s3_path",
        "distributed_strategy",
    }
    assert set(SD_24) - set(SD_25) == {"workflow_config", "current_state"}


def test_the_legacy_bags_extend_the_interfaces() -> None:
    assert set(LB_A) - set(SD_25) == {"execution_id", "MOCK_MODE"}
    assert set(LB_B) - set(SD_24) == {"workflow_config_s3_path", "execution_id", "MOCK_MODE"}


def test_every_field_of_the_legacy_sets_is_there_after_init() -> None:
    assert {*LB_A, *LB_B} <= set(INIT_FIELDS)


def test_no_pointer_of_the_bag_is_offloaded() -> None:
    assert {field for field in INIT_FIELDS if field.endswith("_s3_path")} <= NEVER_OFFLOADED
