"""The file of access keys."""

import stat
from pathlib import Path

import pytest

from pipeline.api.access_keys import (
    AccessKey,
    InvalidAccessKeys,
    generate_access_key,
    load_access_keys,
)


def test_a_generated_key_is_the_one_that_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "data" / "access_keys.toml"
    key = generate_access_key(path, "111122223333")
    assert load_access_keys(path) == {key.access_key_id: key}
    assert key.account_id == "111122223333"


def test_a_new_secret_is_no_option_to_the_command_that_it_is_printed_for(tmp_path: Path) -> None:
    keys = [generate_access_key(tmp_path / f"{n}.toml", "111122223333") for n in range(50)]
    assert all(key.secret_access_key.isalnum() for key in keys)


def test_only_the_owner_can_read_a_generated_key(tmp_path: Path) -> None:
    path = tmp_path / "access_keys.toml"
    generate_access_key(path, "111122223333")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "access_keys.toml"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        generate_access_key(path, "111122223333")
    assert path.read_text() == "mine"


def test_two_generated_keys_differ(tmp_path: Path) -> None:
    one, other = (generate_access_key(tmp_path / name, "1" * 12) for name in "ab")
    assert one.access_key_id != other.access_key_id
    assert one.secret_access_key != other.secret_access_key


def test_a_secret_is_not_shown_by_accident() -> None:
    key = AccessKey(access_key_id="id", secret_access_key="hush", account_id="1" * 12)
    assert "hush" not in repr(key)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "expected tables [access_keys.<access key id>] only"),
        ("access_keys = 1", "expected tables [access_keys.<access key id>] only"),
        ("colour = 1\n[access_keys.A]\n", "expected tables [access_keys.<access key id>] only"),
        ("[access_keys.A]\n", "[access_keys.A]: expected secret_access_key, account_id and"),
        ("[access_keys]\nA = 1", "[access_keys.A]: expected secret_access_key, account_id and"),
        (
            '[access_keys.A]\nsecret_access_key = ""\naccount_id = "111122223333"',
            "[access_keys.A] secret_access_key: expected a text that is not empty",
        ),
        (
            '[access_keys.A]\nsecret_access_key = "s"\naccount_id = 111122223333',
            "[access_keys.A] account_id: is 111122223333, expected twelve digits in quotes",
        ),
        ("[access_keys", "Expected ']'"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(content)
    with pytest.raises(InvalidAccessKeys) as caught:
        load_access_keys(path)
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidAccessKeys, match="No such file"):
        load_access_keys(tmp_path / "none.toml")
