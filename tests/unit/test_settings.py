"""Settings: where they come from, what is derived, and how a wrong one is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery.app.defaults import SETTING_KEYS

from config.celeryconfig import celery_config
from config.invalid_settings import InvalidSettings
from config.settings import Mode, Settings, load_settings, settings_table

ROOT = Path(__file__).parents[2]
SERVER = {"broker_url": "amqp://h//", "result_backend": "redis://h/0"}


@pytest.fixture(autouse=True)
def nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("STATEBAG_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def complaint() -> str:
    with pytest.raises(InvalidSettings) as caught:
        load_settings()
    return str(caught.value)


def test_without_any_setting_the_mode_is_embedded_and_everything_lies_in_the_data_directory():
    settings = load_settings()
    assert settings.mode is Mode.EMBEDDED
    assert settings.ledger_url == "sqlite:///.statebag/ledger.db"
    assert settings.object_store == ".statebag/objects"
    assert settings.functions_file.name == "functions.toml"
    assert settings.concurrency == min(8, 2 * (os.cpu_count() or 1))


def test_defaults_follow_the_settings_they_are_derived_from(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATEBAG_DATA_DIR", "/srv/bag")
    monkeypatch.setenv("STATEBAG_ACCOUNT_ID", "123456789012")
    settings = load_settings()
    assert settings.ledger_url == "sqlite:////srv/bag/ledger.db"
    assert settings.object_store == "/srv/bag/objects"
    assert settings.role_arn == "arn:aws:iam::123456789012:role/statebag"


def test_another_broker_makes_the_mode_server():
    settings = Settings(**SERVER)
    assert settings.mode is Mode.SERVER
    assert settings.concurrency == 4


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch):
    Path("statebag.toml").write_text("lane_limit = 7\nconcurrency = 3\n")
    monkeypatch.setenv("STATEBAG_LANE_LIMIT", "9")
    settings = load_settings()
    assert (settings.lane_limit, settings.concurrency) == (9, 3)


def test_the_file_may_be_named_by_a_variable(monkeypatch: pytest.MonkeyPatch):
    Path("other.toml").write_text("log_level = 'debug'\n")
    monkeypatch.setenv("STATEBAG_CONFIG", "other.toml")
    assert load_settings().log_level == "DEBUG"


def test_a_named_file_that_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATEBAG_CONFIG", "missing.toml")
    assert "STATEBAG_CONFIG = 'missing.toml': no such file" in complaint()


def test_a_file_that_is_not_toml_is_refused_by_name():
    Path("statebag.toml").write_text("lane_limit : 3")
    assert "statebag.toml: not TOML" in complaint()


def test_every_wrong_setting_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch):
    Path("statebag.toml").write_text("sweep_interval_seconds = 0\n")
    monkeypatch.setenv("STATEBAG_LANE_LIMIT", "many")
    text = complaint()
    assert "STATEBAG_LANE_LIMIT = 'many': Input should be a valid integer" in text
    assert "sweep_interval_seconds in statebag.toml = 0: Input should be greater than 0" in text


def test_an_unknown_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATEBAG_CONCURENCY", "3")
    assert "did you mean STATEBAG_CONCURRENCY?" in complaint()


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_name():
    Path("statebag.toml").write_text("brokerurl = 'memory://'\n")
    text = complaint()
    assert "brokerurl in statebag.toml" in text
    assert "did you mean broker_url?" in text


def test_a_wrong_broker_is_the_only_complaint_though_other_defaults_depend_on_it(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("STATEBAG_BROKER_URL", "filesystem://")
    assert complaint().count("\n") == 1


def test_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATEBAG_LEDGER_URL", "mysql://user:secret@host/x")
    text = complaint()
    assert "mysql://user:***@host/x" in text
    assert "secret" not in text
    assert "secret" not in repr(Settings(ledger_url="postgresql://user:secret@host/x"))


def test_a_server_needs_a_result_backend_that_its_workers_share(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATEBAG_BROKER_URL", "amqp://h//")
    assert "STATEBAG_RESULT_BACKEND = 'cache+memory://': workers in several" in complaint()


@pytest.mark.parametrize("backend", ["rpc://", "db+sqlite:///x", "cache+memcached://h"])
def test_result_backends_that_join_no_chords_are_refused(
    backend: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("STATEBAG_RESULT_BACKEND", backend)
    assert f"STATEBAG_RESULT_BACKEND = '{backend}': expected a URL beginning with" in complaint()


@pytest.mark.parametrize("place", ["http://h/x", "s3://", "s3:///prefix", "file://host/path"])
def test_what_names_no_object_store_is_refused(place: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATEBAG_OBJECT_STORE", place)
    assert f"STATEBAG_OBJECT_STORE = '{place}': expected a directory" in complaint()


@pytest.mark.parametrize("place", ["objects", "/srv/o", "file:///srv/o", "s3://bucket/prefix"])
def test_an_object_store_is_a_directory_or_a_place_in_a_bucket(place: str):
    assert Settings(object_store=place).object_store == place


def test_a_worker_may_miss_a_heartbeat_before_it_is_stale(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STATEBAG_HEARTBEAT_INTERVAL_SECONDS", "6")
    assert "STATEBAG_WORKER_STALE_SECONDS" in complaint()


def test_postgresql_gets_its_driver():
    settings = Settings(ledger_url="postgresql://postgres@h/x")
    assert settings.ledger_url == "postgresql+psycopg://postgres@h/x"


def test_the_table_of_the_command_describes_every_setting():
    printed = subprocess.run(
        [sys.executable, "-m", "config.settings"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == settings_table()
    for name in Settings.model_fields:
        assert f"| `STATEBAG_{name.upper()}` | `{name}` |" in printed
    assert "None" not in printed
    assert str(ROOT) not in printed


@pytest.mark.parametrize(
    "urls",
    [{}, SERVER, {"broker_url": "redis://h/1", "result_backend": "redis://h/0"}],
    ids=["embedded", "rabbitmq", "redis"],
)
def test_the_celery_configuration_has_only_keys_that_celery_knows(urls: dict[str, str]):
    read_but_not_listed = {"redis_backend_health_check_interval"}
    assert celery_config(Settings(**urls)).keys() <= SETTING_KEYS | read_but_not_listed


def test_sweeps_expire_long_after_they_are_due_but_do_not_pile_up():
    sweep = celery_config(Settings(sweep_interval_seconds=5))["beat_schedule"]["sweep"]
    assert sweep == {"task": "statebag.sweep", "schedule": 5, "options": {"expires": 50}}


def test_messages_are_confirmed_by_rabbitmq_and_returned_by_redis_within_twice_the_redelivery():
    rabbitmq = celery_config(Settings(**SERVER))
    assert rabbitmq["broker_transport_options"] == {"confirm_publish": True}
    redis = celery_config(
        Settings(broker_url="redis://h/1", result_backend="redis://h/0", redelivery_seconds=45)
    )
    assert redis["broker_transport_options"]["visibility_timeout"] == 90


def test_the_operations_document_holds_the_table_of_settings() -> None:
    operations = Path(__file__).parents[2] / "docs" / "operations.md"
    table = settings_table()
    assert table[table.index("| variable") :].strip() in operations.read_text()
