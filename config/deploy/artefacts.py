"""Builds the artefacts of a release: the state machine files and the code of the functions.

``python -m config.deploy.artefacts DIRECTORY --release NAME`` lays them out as the release's
bucket has them: ``asl/{release}/`` and ``lambda/{release}/`` (Contract 11). The source is read as
files, nothing of it is imported.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from config.asl.state_machine_files import DIRECTORY as DEFINITIONS
from config.asl.state_machine_files import FILES

ROOT: Final = Path(__file__).resolve().parents[2]

FUNCTIONS: Final = ROOT / "tasks" / "smart_statebag"

STATE_DATA_MANAGER: Final = ("bag", "state_data_manager")
"""The packages of StateDataManager; it needs no library beyond Lambda's own."""

Generation = Literal["v2", "v3"]
"""A generation of the state machine files, each with its own actions of StateDataManager."""

ACTION_TABLE: Final = "tasks/smart_statebag/state_data_manager/artefact.py"
"""The module that names the generation whose action table StateDataManager uses."""

ACTION_TABLE_TEXT: Final = '''\
"""The generation whose action table StateDataManager uses; the build of a release writes it."""

from typing import Final, Literal

ARTEFACT: Final[Literal["v2", "v3"]] = "{generation}"
'''

DEPENDENCIES: Final = ("httpx",)
"""What the functions import beyond Lambda's own Python runtime, which has boto3."""

LAMBDA_PLATFORM: Final = ("--platform=manylinux2014_aarch64", "--python-version=3.13")

FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every file in a zip, so that the same source gives the same bytes."""

Files = Mapping[str, bytes]
"""Path inside a zip -> content."""


def function_source() -> dict[str, bytes]:
    """The modules of the Smart StateBag's functions: all of ``tasks/smart_statebag``."""
    return _contents([*_packages(), *FUNCTIONS.rglob("*.py")])


def state_data_manager_source() -> dict[str, bytes]:
    """The modules of StateDataManager alone."""
    modules = [file for name in STATE_DATA_MANAGER for file in (FUNCTIONS / name).rglob("*.py")]
    return _contents([*_packages(), *modules])


def _packages() -> list[Path]:
    """The package files of the folders that hold the functions' own."""
    return [FUNCTIONS.parent / "__init__.py", FUNCTIONS / "__init__.py"]


def _contents(files: Iterable[Path]) -> dict[str, bytes]:
    return {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in sorted(files)}


def action_table_source(generation: Generation) -> dict[str, bytes]:
    """The module ``ACTION_TABLE`` for a generation; rollback 2 takes that of ``v2``."""
    return {ACTION_TABLE: ACTION_TABLE_TEXT.format(generation=generation).encode()}


def installed(requirements: Iterable[str], options: Iterable[str] = LAMBDA_PLATFORM) -> Files:
    """The files of libraries as pip installs them for Lambda's platform."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
        # Only fixed arguments and this module's own requirements reach the command.
        subprocess.run(  # noqa: S603
            [*command, *options, f"--target={directory}", *requirements], check=True
        )
        root = Path(directory)
        return {
            file.relative_to(root).as_posix(): file.read_bytes()
            for file in sorted(root.rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        }


def write_zip(path: Path, files: Files) -> None:
    """Write a zip whose bytes depend on its files alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w") as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name, date_time=FIRST_DAY)
            entry.external_attr = 0o644 << 16
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, content)


def build(directory: Path, release: str, libraries: Files) -> list[Path]:
    """Write all artefacts of a release and give their paths.

    Args:
        directory: Stands for the bucket; ``aws s3 sync`` uploads it.
        release: Name of the release.
        libraries: The files that ``installed`` returned.
    """
    manager = state_data_manager_source()
    zips: dict[str, Files] = {
        "functions.zip": {**libraries, **function_source()},
        "state_data_manager.zip": {**manager, **action_table_source("v3")},
        "state_data_manager_v2.zip": {**manager, **action_table_source("v2")},
    }
    written = [directory / "lambda" / release / name for name in zips]
    for path, files in zip(written, zips.values(), strict=True):
        write_zip(path, files)
    return written + [_copy(name, directory / "asl" / release) for name in FILES]


def _copy(name: str, directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / name
    target.write_bytes((DEFINITIONS / name).read_bytes())
    return target


def main() -> None:
    """Build a release and print what was written."""
    parser = argparse.ArgumentParser(prog="python -m config.deploy.artefacts")
    parser.add_argument("directory", type=Path, help="stands for the bucket of the releases")
    parser.add_argument("--release", required=True, help="prefix of the artefacts")
    arguments = parser.parse_args()
    written = build(arguments.directory, arguments.release, installed(DEPENDENCIES))
    print("\n".join(str(path) for path in written))  # noqa: T201 (the command's output)


if __name__ == "__main__":
    main()
