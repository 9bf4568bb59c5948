"""Cases on real workers: their functions are called by other names there."""

import json
from pathlib import Path

from pipeline.ledger.rows import ExecutionRow
from tests.conformance.answers import registered_names, worker_name
from tests.conformance.cases import Case, check_cause, check_ended, check_history
from tests.platforms import Platform

_ACCOUNT = "arn:aws:lambda:us-east-1:000000000000:function:"


def write_functions(path: Path) -> Path:
    """Write the functions file of all cases."""
    path.write_text(
        "\n".join(
            f'[functions."{name}"]\nprovider = "python"\n'
            'handler = "tests.conformance.answers:handler"\n'
            for name in registered_names()
        )
    )
    return path


def named_for_workers(case: Case) -> str:
    """The definition of a case, its functions named as the workers know them."""
    text = json.dumps(case.definition)
    for name in case.functions:
        known = worker_name(case, name)
        text = text.replace(f'"{_ACCOUNT}{name}"', f'"{_ACCOUNT}{known}"')
        text = text.replace(f'"FunctionName": "{name}"', f'"FunctionName": "{known}"')
    return text


def start_case(platform: Platform, case: Case) -> ExecutionRow:
    """Start the machine of a case."""
    return platform.start(json.loads(named_for_workers(case)), case.content["input"])


def check_case(platform: Platform, case: Case, execution: ExecutionRow) -> None:
    """Assert that an execution ends as its case says."""
    ended = platform.wait(execution, seconds=90)
    check_ended(case, status=ended.status, output=ended.output, error=ended.error, why=ended.cause)
    check_cause(case, ended.cause)
    check_history(case, platform.types(execution))
