"""What every ledger promises about the code of stored functions: it is kept while it is needed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.integrations.functions.lambda_code import KEPT_SECONDS, FunctionCode
from pipeline.integrations.functions.stored_functions import (
    FunctionExists,
    StoredFunctions,
    function_arn,
)
from pipeline.ledger.database import Database
from pipeline.payloads.directory import DirectoryStore
from tests.clocks import SkippingClock
from tests.contract.ledgers import at_once, database
from tests.zips import zip_of

__all__ = ["database"]  # a fixture

ARN, OTHER = (function_arn(name, "123456789012", "eu-west-1") for name in ("f", "other"))
CONFIGURATION = {
    "Runtime": "python3.12",
    "Handler": "index.f",
    "Timeout": 3,
    "MemorySize": 128,
    "Description": "",
    "Environment": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Stored functions, and where their zips are."""

    functions: StoredFunctions
    clock: SkippingClock
    objects: Path

    def create(self, arn: str, code: str) -> None:
        self.functions.create(arn, zip_of(code), CONFIGURATION, {})

    def update(self, arn: str, code: str) -> None:
        self.functions.update_code(arn, zip_of(code), None)

    def later(self) -> None:
        """Go on to when what is unused now may go, and let it: any change does."""
        self.clock.skipped += KEPT_SECONDS + 1
        self.create(function_arn(f"at-{self.clock.skipped:.0f}", "123456789012", "-"), "later")

    def stored(self) -> set[str]:
        """The hashes of the zips in the store, but that of ``later``."""
        found = {path.stem for path in (self.objects / "functions").iterdir()}
        return found - hashes(self, ["later"])


def hashes(installation: Installation, codes: Iterable[str]) -> set[str]:
    """The hashes of code."""
    code = FunctionCode(DirectoryStore(installation.objects.parent / "any"), Path())
    return {code.keep(zip_of(text)) for text in codes}


@pytest.fixture
def installation(database: Database, tmp_path: Path) -> Installation:
    clock, objects = SkippingClock(), tmp_path / "objects"
    code = FunctionCode(DirectoryStore(objects), tmp_path / "functions")
    functions = StoredFunctions(database, code, "queue", clock)
    return Installation(functions=functions, clock=clock, objects=objects)


def test_code_that_was_replaced_goes_when_no_call_can_need_it(installation: Installation) -> None:
    installation.create(ARN, "a = 1")
    installation.update(ARN, "a = 2")
    assert installation.stored() == hashes(installation, ["a = 1", "a = 2"])
    installation.later()
    assert installation.stored() == hashes(installation, ["a = 2"])


def test_the_code_of_a_deleted_function_goes_with_that_of_its_versions(
    installation: Installation,
) -> None:
    installation.create(ARN, "a = 1")
    installation.functions.publish(ARN)
    installation.update(ARN, "a = 2")
    installation.functions.delete(ARN, None)
    installation.later()
    assert installation.stored() == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda functions: functions.delete(ARN, "1"),
        lambda functions: functions.update_code(ARN, zip_of("a = 2"), None),
        lambda functions: functions.delete(ARN, None),
    ],
    ids=["version deleted", "updated", "deleted"],
)
def test_code_stays_as_long_as_any_function_is_made_of_it(
    installation: Installation, change: Callable[[StoredFunctions], object]
) -> None:
    installation.create(ARN, "a = 1")
    installation.functions.publish(ARN)
    installation.create(OTHER, "a = 1")
    change(installation.functions)
    installation.later()
    assert installation.stored() >= hashes(installation, ["a = 1"])


def test_the_code_of_a_published_version_stays(installation: Installation) -> None:
    installation.create(ARN, "a = 1")
    installation.functions.publish(ARN)
    installation.update(ARN, "a = 2")
    installation.later()
    assert installation.stored() == hashes(installation, ["a = 1", "a = 2"])


def test_code_of_which_no_function_was_made_goes(installation: Installation) -> None:
    installation.create(ARN, "a = 1")
    with pytest.raises(FunctionExists):
        installation.create(ARN, "a = 2")
    installation.later()
    assert installation.stored() == hashes(installation, ["a = 1"])


def test_code_that_comes_back_before_it_goes_stays(installation: Installation) -> None:
    installation.create(ARN, "a = 1")
    installation.update(ARN, "a = 2")
    installation.clock.skipped += KEPT_SECONDS / 2
    installation.update(ARN, "a = 1")
    installation.later()
    assert installation.stored() == hashes(installation, ["a = 1"])


def test_functions_made_while_their_code_is_deleted_have_it(installation: Installation) -> None:
    installation.create(ARN, "a = 1")
    installation.functions.delete(ARN, None)
    installation.clock.skipped += KEPT_SECONDS + 1
    arns = [function_arn(f"g{number}", "123456789012", "eu-west-1") for number in range(6)]
    at_once(6, lambda number: installation.create(arns[number], "a = 1"))
    assert installation.stored() == hashes(installation, ["a = 1"])


def test_a_store_that_is_away_costs_time_only(installation: Installation) -> None:
    installation.create(ARN, "a = 1")
    installation.update(ARN, "a = 2")
    installation.clock.skipped += KEPT_SECONDS + 1
    away = installation.objects.with_name("away")
    installation.objects.rename(away)
    installation.functions.delete(ARN, None)
    away.rename(installation.objects)
    assert installation.stored() == hashes(installation, ["a = 1", "a = 2"])
    installation.later()
    assert installation.stored() == set()
