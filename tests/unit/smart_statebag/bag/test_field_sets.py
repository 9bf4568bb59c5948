"""The fields that the code names are those of the contract (2.1, 2.2)."""

import pytest

from tasks.smart_statebag.bag.field_sets import (
    COPIED_BY_DISTRIBUTED,
    COPIED_BY_STANDARD,
    NEVER_OFFLOADED,
)
from tests import contract_fields as contract


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (COPIED_BY_STANDARD, contract.COPIED_BY_STANDARD),
        (COPIED_BY_DISTRIBUTED, contract.COPIED_BY_DISTRIBUTED),
    ],
)
def test_a_copied_set_has_the_fields_of_the_contract_once(
    fields: tuple[str, ...], expected: frozenset[str]
) -> None:
    assert sorted(fields) == sorted(expected)


def test_every_field_of_the_legacy_bags_is_there_after_init() -> None:
    assert contract.STANDARD_BAG | contract.DISTRIBUTED_BAG <= contract.AFTER_INIT


def test_no_pointer_of_the_bag_is_offloaded() -> None:
    pointers = {field for field in contract.AFTER_INIT if field.endswith("_s3_path")}
    assert len(pointers) > 5
    assert pointers <= NEVER_OFFLOADED
