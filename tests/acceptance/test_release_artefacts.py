"""Contract 11: the artefacts of a release, both of StateDataManager among them."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from config.asl.state_machine_files import DIRECTORY, FILES
from config.deploy.artefacts import ACTION_TABLE, ROOT, action_table_source, build

ARTEFACTS = ("functions.zip", "state_data_manager.zip", "state_data_manager_v2.zip")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release without libraries, which are none of ours."""
    directory = tmp_path_factory.mktemp("release")
    build(directory, "r7", libraries={})
    return directory


def test_a_release_holds_all_four_files_byte_for_byte(release: Path) -> None:
    written = {path.name: path.read_bytes() for path in (release / "asl" / "r7").iterdir()}
    assert len(written) == 4
    assert written == {name: (DIRECTORY / name).read_bytes() for name in FILES}


def test_the_same_source_gives_the_same_artefacts(release: Path, tmp_path: Path) -> None:
    build(tmp_path, "r7", libraries={})
    for name in ARTEFACTS:
        first, second = (root / "lambda" / "r7" / name for root in (release, tmp_path))
        assert first.read_bytes() == second.read_bytes()


def test_the_artefacts_of_state_data_manager_differ_in_one_module(release: Path) -> None:
    v3, v2 = (
        _contents(release / "lambda" / "r7" / name)
        for name in ("state_data_manager.zip", "state_data_manager_v2.zip")
    )
    assert v3.keys() == v2.keys()
    assert {name for name in v3 if v3[name] != v2[name]} == {ACTION_TABLE}


def _contents(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tasks.smart_statebag.state_data_manager import handler
assert handler.__file__.startswith(sys.argv[1]), handler.__file__
outcome = {}
for action in sorted(handler.ACTIONS):
    try:
        handler.lambda_handler({"action": action, "state_data": None})
    except Exception as error:
        outcome[action] = type(error).__name__
print(json.dumps(outcome))
"""


@pytest.mark.parametrize(
    ("artefact", "known"),
    [
        (
            "state_data_manager.zip",
            "aggregate_branches aggregate_distributed create_snapshot decompress merge_async"
            " merge_callback sync sync_branch update_and_compress",
        ),
        ("state_data_manager_v2.zip", "decompress update_and_compress"),
    ],
)
def test_an_artefact_of_state_data_manager_knows_its_actions(
    release: Path, tmp_path: Path, artefact: str, known: str
) -> None:
    """Called in a process that has only the zip: an action that is known asks for its input."""
    path = str(release / "lambda" / "r7" / artefact)
    called = subprocess.run(
        [sys.executable, "-c", ASK, path], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    errors = json.loads(called.stdout)
    assert len(errors) == 9
    unknown = {action for action, error in errors.items() if error == "UnknownAction"}
    assert set(errors) - unknown == set(known.split())


def test_the_functions_are_all_of_the_smart_statebag_and_nothing_else_of_tasks(
    release: Path,
) -> None:
    names = set(_contents(release / "lambda" / "r7" / "functions.zip"))
    functions = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "tasks" / "smart_statebag").rglob("*.py")
    }
    assert len(functions) > 100
    assert names == {"tasks/__init__.py", *functions}
    others = ("tasks/engine/", "tasks/host/", "tasks/samples/", "tasks/celery.py")
    assert [name for name in names if name.startswith(others)] == []


# Only the extracted folder and Python's own folders and libraries are on the path; no finder of an
# editable installation is left that would find this repository's modules.
FIND = """
import importlib, json, sys
folder, module = sys.argv[1:]
sys.meta_path = [each for each in sys.meta_path if "editable" not in str(each)]
sys.path.insert(0, folder)
found = importlib.import_module(module)
try:
    found.lambda_handler({"action": "no such action"})
except Exception as error:
    answer = type(error).__name__
files = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "tasks" and m.__file__]
print(json.dumps([answer, files]))
"""


@pytest.mark.parametrize(
    "module", ["tasks.smart_statebag.state_data_manager", "tasks.state_data_manager.handler"]
)
def test_the_functions_answer_by_their_name_and_by_their_older_one_from_the_zip_alone(
    release: Path, tmp_path: Path, module: str
) -> None:
    with ZipFile(release / "lambda" / "r7" / "functions.zip") as archive:
        archive.extractall(tmp_path)
    called = subprocess.run(
        [sys.executable, "-c", FIND, str(tmp_path), module],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={},
        check=True,
    )
    answer, files = json.loads(called.stdout)
    assert answer == "UnknownAction"
    assert files
    assert [file for file in files if not file.startswith(f"{tmp_path}/")] == []


FORBIDDEN = ("celery", "kombu", "pipeline", "sqlalchemy", "config")
OWN_PACKAGE = "tasks.smart_statebag"


def test_no_artefact_needs_celery_the_engine_a_database_or_the_rest_of_tasks(
    release: Path,
) -> None:
    artefacts = list((release / "lambda" / "r7").iterdir())
    assert {path.name for path in artefacts} == set(ARTEFACTS)
    for path in artefacts:
        modules = _contents(path)
        assert ACTION_TABLE in modules
        imported = {name: _imported(name, content) for name, content in modules.items()}
        assert {name: each for name, found in imported.items() if (each := _outside(found))} == {}


@pytest.mark.parametrize(
    "statement",
    [
        "import celery",
        "import os, kombu.utils as utils",
        "from pipeline.engine import engine",
        "from tasks import host",
        "from tasks.host import machines",
        "import tasks.engine.application",
        "from ... import host",
        "from ...engine import application",
        "def later():\n    from sqlalchemy import text",
        "importlib.import_module('config.settings')",
        "__import__('celery')",
    ],
)
def test_an_import_of_the_host_is_found_however_it_is_written(statement: str) -> None:
    module = "tasks/smart_statebag/bag/clock.py"
    assert _outside(_imported(module, statement.encode())) != set()


@pytest.mark.parametrize(
    "statement",
    [
        "import os",
        "from celery_batches import Batches",
        "from tasks.smart_statebag import bag",
        "from tasks import smart_statebag",
        "from ..tables import table",
        "from . import keys",
        "importlib.import_module(name)",
    ],
)
def test_an_import_of_a_library_or_of_the_package_itself_is_allowed(statement: str) -> None:
    module = "tasks/smart_statebag/bag/clock.py"
    assert _outside(_imported(module, statement.encode())) == set()


def _outside(imported: set[str]) -> set[str]:
    """The modules among these that are neither a library nor the Smart StateBag."""
    return {name for name in imported if _is_within(name, *FORBIDDEN) or _is_of_the_host(name)}


def _is_of_the_host(name: str) -> bool:
    return _is_within(name, "tasks") and not _is_within(name, OWN_PACKAGE) and name != "tasks"


def _is_within(name: str, *packages: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in packages)


def _imported(file: str, content: bytes) -> set[str]:
    """The full name of each module, or name in a module, that a file imports anywhere."""
    package = file.removesuffix(".py").split("/")[:-1]
    nodes = list(ast.walk(ast.parse(content)))
    plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    named = {
        ".".join([*_origin(node, package), alias.name])
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return plain | named | {name for node in nodes for name in _imported_by_call(node)}


def _origin(node: ast.ImportFrom, package: list[str]) -> list[str]:
    above = package[: len(package) - node.level + 1] if node.level else []
    return above + (node.module.split(".") if node.module else [])


def _imported_by_call(node: ast.AST) -> list[str]:
    """The module that ``importlib.import_module`` or ``__import__`` names as a literal."""
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return []
    called = ast.unparse(node.func)
    return [str(node.args[0].value)] if called.endswith(("import_module", "__import__")) else []


def test_the_built_module_of_the_current_generation_is_the_one_in_the_repository() -> None:
    assert action_table_source("v3") == {ACTION_TABLE: (ROOT / ACTION_TABLE).read_bytes()}
