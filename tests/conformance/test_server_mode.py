"""A sample of a hundred cases in server mode: broker, workers and database as in production."""

from collections.abc import Iterator, Mapping

import pytest

from pipeline.ledger.rows import ExecutionRow
from tests.conformance.cases import Case, cases_that_run
from tests.conformance.on_workers import check_case, start_case, write_functions
from tests.platforms import Platform, server_platform
from tests.server_processes import own_services

SIZE = 100

Started = tuple[Platform, Mapping[str, ExecutionRow]]


def _sample() -> tuple[Case, ...]:
    """Cases from all parts of the specification.

    A function that answers differently each time counts its calls in its process, of which there
    are several here.
    """
    steady = [
        case
        for case in cases_that_run()
        if all(len(answers) == 1 for answers in case.functions.values())
    ]
    return tuple(steady[position * len(steady) // SIZE] for position in range(SIZE))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Iterator[Started]:
    directory = tmp_path_factory.mktemp("conformance")
    functions = write_functions(directory / "cases.toml")
    with (
        own_services(s3_server) as services,
        server_platform(
            directory, services, functions_file=functions, sweep_interval_seconds=0.25
        ) as platform,
    ):
        yield platform, {case.id: start_case(platform, case) for case in _sample()}


@pytest.mark.parametrize("case", _sample(), ids=lambda case: case.id)
def test_engine_gives_what_aws_gives(started: Started, case: Case) -> None:
    platform, executions = started
    check_case(platform, case, executions[case.id])
