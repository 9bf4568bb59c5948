"""Every case on the embedded engine: all are started at once, then each is looked at."""

from collections.abc import Iterator, Mapping

import pytest

from pipeline.ledger.rows import ExecutionRow
from tests.conformance.cases import Case, cases_that_run
from tests.conformance.on_workers import check_case, start_case, write_functions
from tests.platforms import Platform, embedded_platform

Started = tuple[Platform, Mapping[str, ExecutionRow]]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    directory = tmp_path_factory.mktemp("conformance")
    functions = write_functions(directory / "cases.toml")
    with embedded_platform(directory, functions_file=functions) as platform:
        yield platform, {case.id: start_case(platform, case) for case in cases_that_run()}


@pytest.mark.parametrize("case", cases_that_run(), ids=lambda case: case.id)
def test_engine_gives_what_aws_gives(started: Started, case: Case) -> None:
    platform, executions = started
    check_case(platform, case, executions[case.id])
