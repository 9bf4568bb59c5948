"""What every ledger promises about the functions that were created over the API."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.integrations.functions.lambda_code import FunctionCode
from pipeline.integrations.functions.stored_functions import (
    FunctionExists,
    NoSuchFunction,
    RevisionPassed,
    StoredFunctions,
    function_arn,
)
from pipeline.ledger.database import Database
from pipeline.payloads.directory import DirectoryStore
from tests.contract.ledgers import NOW, at_once, database
from tests.zips import zip_of

__all__ = ["database"]  # a fixture

ARN = function_arn("f", "123456789012", "eu-west-1")
CONFIGURATION = {
    "Runtime": "python3.12",
    "Handler": "index.f",
    "Timeout": 3,
    "MemorySize": 128,
    "Description": "",
    "Environment": {"B": "2", "A": "1"},
}


@pytest.fixture
def functions(database: Database, tmp_path: Path) -> StoredFunctions:
    code = FunctionCode(DirectoryStore(tmp_path / "objects"), tmp_path / "functions")
    return StoredFunctions(database, code, "queue", lambda: NOW)


def create(functions: StoredFunctions, arn: str = ARN) -> None:
    functions.create(arn, zip_of("a = 1"), CONFIGURATION, {"team": "blue"})


def test_a_function_is_found_as_it_was_created(functions: StoredFunctions) -> None:
    create(functions)
    row = functions.get(ARN)
    assert (row.name, row.region, row.account_id) == ("f", "eu-west-1", "123456789012")
    assert (row.version, row.configuration, row.tags) == (
        "$LATEST",
        CONFIGURATION,
        {"team": "blue"},
    )
    assert (row.code_size, row.modified_at) == (len(zip_of("a = 1")), NOW)


def test_a_function_is_called_by_every_reference_to_its_account_and_region(
    functions: StoredFunctions,
) -> None:
    create(functions)
    for reference in ("f", "f:$LATEST", ARN, "123456789012:function:f"):
        found = functions.find(reference, account_id="123456789012", region="eu-west-1")
        assert found is not None, reference
        assert found.environment == (("A", "1"), ("B", "2"))
        assert (found.arn, found.handler, found.queue) == (ARN, "index.f", "queue")


def test_a_reference_to_elsewhere_means_another_function(functions: StoredFunctions) -> None:
    create(functions)
    for reference in (
        "f:1",
        "g",
        ARN.replace("123456789012", "111111111111"),
        ARN.replace("eu-west-1", "us-east-1"),
        "no name",
    ):
        found = functions.find(reference, account_id="123456789012", region="eu-west-1")
        assert found is None, reference
    assert functions.find("f", account_id="111111111111", region="eu-west-1") is None


def test_a_name_is_taken_once(functions: StoredFunctions) -> None:
    create(functions)
    with pytest.raises(FunctionExists, match="Function already exist: f"):
        create(functions)


def test_of_many_that_create_a_function_at_once_one_does(functions: StoredFunctions) -> None:
    refused: list[int] = []

    def attempt(number: int) -> None:
        try:
            create(functions)
        except FunctionExists:
            refused.append(number)

    at_once(6, attempt)
    assert len(refused) == 5


def test_a_published_version_keeps_what_the_function_was(functions: StoredFunctions) -> None:
    create(functions)
    first = functions.publish(ARN, description="the first")
    functions.update_code(ARN, zip_of("a = 2"), None)
    functions.update_configuration(ARN, {"Timeout": 9}, None)
    assert functions.publish(ARN).version == "2"
    kept = functions.get(ARN, "1")
    assert kept == first
    assert kept.code_sha256 != functions.get(ARN).code_sha256
    assert (kept.configuration["Timeout"], kept.configuration["Description"]) == (3, "the first")
    assert functions.get(ARN, "2").configuration["Timeout"] == 9


def test_publishing_what_is_published_already_makes_no_version(
    functions: StoredFunctions,
) -> None:
    create(functions)
    assert functions.publish(ARN) == functions.publish(ARN, description="again")
    assert [row.version for row in functions.versions(ARN)] == ["$LATEST", "1"]


def test_of_many_that_publish_at_once_all_get_the_same_version(
    functions: StoredFunctions,
) -> None:
    create(functions)
    published: list[str] = []
    at_once(6, lambda _: published.append(functions.publish(ARN).version))
    assert published == ["1"] * 6


def test_every_change_makes_another_revision(functions: StoredFunctions) -> None:
    create(functions)
    first = functions.get(ARN).revision_id
    second = functions.update_configuration(ARN, {"Timeout": 4}, first).revision_id
    third = functions.update_code(ARN, zip_of("a = 2"), second).revision_id
    assert len({first, second, third}) == 3
    for change in (
        lambda: functions.update_configuration(ARN, {"Timeout": 5}, first),
        lambda: functions.update_code(ARN, zip_of("a = 3"), first),
        lambda: functions.publish(ARN, revision_id=first),
    ):
        with pytest.raises(RevisionPassed):
            change()
    assert functions.get(ARN).revision_id == third


def test_changes_made_at_once_are_all_kept(functions: StoredFunctions) -> None:
    create(functions)
    at_once(6, lambda number: functions.update_configuration(ARN, {f"K{number}": number}, None))
    configuration = functions.get(ARN).configuration
    assert {configuration[f"K{number}"] for number in range(6)} == set(range(6))


def test_a_function_is_deleted_with_its_versions(functions: StoredFunctions) -> None:
    create(functions)
    functions.publish(ARN)
    functions.delete(ARN, None)
    for version in ("$LATEST", "1"):
        with pytest.raises(NoSuchFunction):
            functions.get(ARN, version)


def test_a_deleted_version_leaves_the_others_and_its_number_is_not_used_again(
    functions: StoredFunctions,
) -> None:
    create(functions)
    functions.publish(ARN)
    functions.delete(ARN, "1")
    assert [row.version for row in functions.versions(ARN)] == ["$LATEST"]
    assert functions.publish(ARN).version == "2"


def test_what_is_not_there_cannot_be_changed(functions: StoredFunctions) -> None:
    for change in (
        lambda: functions.update_code(ARN, zip_of("a = 1"), None),
        lambda: functions.update_configuration(ARN, {}, None),
        lambda: functions.publish(ARN),
        lambda: functions.delete(ARN, None),
        lambda: functions.versions(ARN),
    ):
        with pytest.raises(NoSuchFunction, match="Function not found: arn:aws:lambda:"):
            change()


def test_each_account_and_region_lists_its_own_functions_by_name(
    functions: StoredFunctions,
) -> None:
    for name in ("b", "a"):
        create(functions, function_arn(name, "123456789012", "eu-west-1"))
    create(functions, function_arn("c", "111111111111", "eu-west-1"))
    create(functions, function_arn("d", "123456789012", "us-east-1"))
    listed = functions.of_account("123456789012", "eu-west-1")
    assert [row.name for row in listed] == ["a", "b"]
    functions.publish(function_arn("a", "123456789012", "eu-west-1"))
    assert len(functions.of_account("123456789012", "eu-west-1")) == 2
    assert len(functions.of_account("123456789012", "eu-west-1", all_versions=True)) == 3


def test_a_callable_function_differs_after_every_change(functions: StoredFunctions) -> None:
    """Warm processes are kept by what the function is."""
    create(functions)
    before = functions.find(ARN, account_id="-", region="-")
    assert before == functions.find(ARN, account_id="-", region="-")
    functions.update_configuration(ARN, {}, None)
    after = functions.find(ARN, account_id="-", region="-")
    assert before is not None
    assert after is not None
    assert replace(after, revision=before.revision) == before
    assert after != before
