"""The Compose file conforms to the Compose specification and names only what there is."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from config.settings import Mode, load_settings
from pipeline.command_line.main import app

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load(COMPOSE)["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("build")}


# Service -> how many services it waits for until they are healthy.
WAITS = {
    **dict.fromkeys(("broker", "results", "ledger", "objects"), 0),
    "bucket": 1,
    **dict.fromkeys(("worker", "beat", "api"), 3),
    "flower": 4,
}


def _with_defaults(text: str) -> str:
    """Replace ``${NAME:-default}`` by its default, as Compose does when NAME is not set."""
    return re.sub(r"\$\{\w+:-(\w+)\}", r"\1", text)


def test_conforms_to_the_schema_of_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*check, COMPOSE], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_four_of_the_nine_services_are_ours() -> None:
    assert set(SERVICES) == set(WAITS)
    assert set(OURS) == {"worker", "beat", "api", "flower"}


def test_every_statebag_command_is_one_of_the_command_line() -> None:
    commands = [service["command"] for service in OURS.values()]
    used = {command[1] for command in commands if command[0] == "statebag"}
    assert used == {"worker", "beat", "api"}
    assert used <= set(get_command(app).commands)  # type: ignore[attr-defined]  # it is a group


@pytest.mark.parametrize("target", ["worker", "beat", "flower"])
def test_our_services_run_what_make_runs(target: str) -> None:
    dry_run = ["make", "--no-print-directory", "--dry-run", "--always-make", target]
    planned = subprocess.run(dry_run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert planned.splitlines()[-1] == ".venv/bin/" + " ".join(OURS[target]["command"])


@pytest.mark.parametrize("service", OURS)
def test_the_environment_of_our_services_are_settings_of_server_mode(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = OURS[service]["environment"]
    assert len(environment) == (9 if service == "flower" else 8)
    for name, value in environment.items():
        monkeypatch.setenv(name, _with_defaults(value))
    settings = load_settings()
    assert settings.mode is Mode.SERVER
    assert settings.ledger_url.startswith("postgresql+psycopg://")
    assert settings.object_store == "s3://statebag"


@pytest.mark.parametrize(("service", "count"), WAITS.items())
def test_a_service_waits_only_for_services_that_say_when_they_are_ready(
    service: str, count: int
) -> None:
    dependencies = SERVICES[service].get("depends_on", {})
    awaited = [name for name, on in dependencies.items() if on["condition"] == "service_healthy"]
    assert len(awaited) == count
    assert [name for name in awaited if "healthcheck" not in SERVICES[name]] == []


def test_every_named_volume_is_declared_and_used() -> None:
    declared = YAML(typ="safe").load(COMPOSE)["volumes"]
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    assert {mount.split(":")[0] for mount in mounts} == set(declared)
    assert set(declared) == {"broker", "results", "ledger", "objects", "flower"}


def test_no_port_is_open_to_other_hosts() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(ports) == 6
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_is_built_from_files_that_exist() -> None:
    copies = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = [name for line in copies for name in line.split()]
    assert {"requirements/server.txt", "pyproject.toml", "pipeline", "tasks", "config"} <= set(
        names
    )
    assert all((ROOT / name).exists() for name in names)
