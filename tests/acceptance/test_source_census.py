"""The source census, the application of ``make census``, says the same in both modes."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from pipeline.ledger import fan_outs
from tests.platforms import Platform, embedded_platform, server_platform
from tests.server_processes import own_services

CONFIG = Path(__file__).parents[2] / "config"
MACHINE = json.loads((CONFIG / "asl" / "samples" / "source_census.asl.json").read_text())
LONG = 120
"""Seconds in which a census has long ended."""


def _census(platform: Platform) -> Any:
    execution = platform.start(MACHINE, {})
    ended = platform.wait(execution, LONG)
    assert ended.status == "SUCCEEDED"
    assert "LambdaFunctionFailed" in platform.types(execution), "the retry was not needed"
    with platform.engine.database.reading() as connection:
        rows = fan_outs.fan_outs_of_execution(connection, execution.id)
    (run,) = [row for row in rows if row.state == "CountSources"]
    assert run.pre_snapshot is not None
    assert run.post_snapshot is not None
    return ended.output


@pytest.mark.slow
def test_the_census_has_the_same_output_embedded_and_in_server_mode(
    tmp_path: Path, s3_server: str
) -> None:
    packaged = Settings.model_fields["functions_file"].default
    embedded, server = tmp_path / "embedded", tmp_path / "server"
    embedded.mkdir()
    server.mkdir()
    with embedded_platform(embedded, functions_file=packaged) as platform:
        here = _census(platform)
    with (
        own_services(s3_server) as services,
        server_platform(server, services, functions_file=packaged) as platform,
    ):
        there = _census(platform)
    assert there == here
