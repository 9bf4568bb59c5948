"""The functions of the source census, on the real standard library."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.integrations.functions.function import PythonFunction
from pipeline.integrations.functions.functions_file import load_functions
from pipeline.integrations.functions.lambda_context import lambda_context
from pipeline.integrations.functions.python_handler import call_handler
from tasks.samples import source_census
from tasks.samples.source_census import (
    COLUMNS,
    FILES_PER_BATCH,
    ListingNotConfirmed,
    UnknownPackage,
    census_report,
    count_source,
    largest_files,
    library_root,
    list_sources,
    package_totals,
    unreadable_files,
)
from tests.pure_engine import PureExecution, run_purely

ROOT = Path(__file__).parents[2]
MACHINE = ROOT / "config" / "asl" / "samples" / "source_census.asl.json"
DATA_LIMIT = 262144
MARGIN = 0.6
"""Part of the limit that the census may use: libraries of later versions are larger."""


def _listing(execution: str, request: object = None) -> dict[str, Any]:
    event = {"execution": execution, "request": request or {}}
    with pytest.raises(ListingNotConfirmed):
        list_sources(event, None)
    return list_sources(event, None)


def _size(value: object) -> int:
    return len(json.dumps(value).encode())


@pytest.fixture(autouse=True)
def _own_temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of our own in place of the real one."""
    root = tmp_path / "library"
    root.mkdir()
    monkeypatch.setattr(source_census, "library_root", lambda: root)
    return root


def test_first_listing_of_each_execution_is_refused_and_the_second_taken() -> None:
    first, second = _listing("one"), _listing("two")
    assert first == second


def test_a_confirmed_listing_leaves_nothing_behind(tmp_path: Path) -> None:
    _listing("one")
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_changes_is_not_counted_until_it_stands_still(library: Path) -> None:
    event: dict[str, object] = {"execution": "one", "request": {}}
    (library / "a.py").write_text("x = 1\n")
    with pytest.raises(ListingNotConfirmed):
        list_sources(event, None)
    (library / "a.py").write_text("x = 100\n")
    with pytest.raises(ListingNotConfirmed):
        list_sources(event, None)
    assert list_sources(event, None)["batches"] == [
        {"package": "(single modules)", "files": ["a.py"]}
    ]


def test_lists_every_source_file_once_and_none_of_installed_packages() -> None:
    batches = _listing("one")["batches"]
    names = [name for batch in batches for name in batch["files"]]
    found = {
        path.relative_to(library_root()).as_posix()
        for path in library_root().rglob("*.py")
        if not {"site-packages", "dist-packages"} & set(path.parts)
    }
    assert len(names) == len(set(names))
    assert set(names) == found
    assert all(len(batch["files"]) <= FILES_PER_BATCH for batch in batches)


def test_a_census_may_be_limited_to_some_packages() -> None:
    batches = _listing("one", {"packages": ["json", "email"]})["batches"]
    assert {batch["package"] for batch in batches} == {"json", "email"}


def test_a_package_that_does_not_exist_fails_the_listing() -> None:
    event: dict[str, object] = {"execution": "one", "request": {"packages": ["json", "jason"]}}
    with pytest.raises(ListingNotConfirmed):
        list_sources(event, None)
    with pytest.raises(UnknownPackage, match="jason"):
        list_sources(event, None)


def test_counts_lines_tokens_functions_and_classes(library: Path) -> None:
    source = 'class A:\n    async def f(self): pass\n    def g(self): "def"\n'
    (library / "a.py").write_text(source)
    counted = count_source({"package": "p", "files": ["a.py"]}, None)
    # encoding; class A : NEWLINE; INDENT; async def f ( self ) : pass NEWLINE; def g ( self ) :
    # "def" NEWLINE; DEDENT; end
    assert counted == {"package": "p", "rows": [["a.py", 3, 25, 2, 1]], "unreadable": []}


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (b"x = (1,\n", "TokenError"),
        (b"if x:\n        y\n    z\n", "IndentationError"),
        (b"# -*- coding: no-such-coding -*-\n", "SyntaxError"),
        (b'"\xff"\n', "SyntaxError"),
    ],
)
def test_a_file_that_does_not_tokenise_is_a_finding(
    library: Path, source: bytes, error: str
) -> None:
    (library / "bad.py").write_bytes(source)
    (library / "good.py").write_text("")
    counted = count_source({"package": "p", "files": ["bad.py", "good.py"]}, None)
    assert counted["unreadable"] == [["bad.py", error]]
    assert counted["rows"] == [["good.py", 0, 2, 0, 0]]


BATCHES: Any = {
    "batches": [
        {"package": "b", "rows": [["b/x.py", 10, 4, 1, 0]], "unreadable": [["b/z.py", "E"]]},
        {
            "package": "a",
            "rows": [["a/y.py", 10, 5, 2, 1], ["a/w.py", 1, 1, 0, 0]],
            "unreadable": [],
        },
        {"package": "b", "rows": [["b/v.py", 7, 2, 3, 4]], "unreadable": [["b/a.py", "F"]]},
    ]
}


def test_largest_files_come_in_the_order_of_their_lines_and_names() -> None:
    assert [row[0] for row in largest_files(BATCHES, None)] == [
        "a/y.py", "b/x.py", "b/v.py", "a/w.py",
    ]  # fmt: skip


def test_totals_add_the_batches_of_a_package_largest_first() -> None:
    assert package_totals(BATCHES, None) == [["b", 2, 17, 6, 4, 4], ["a", 2, 11, 6, 2, 1]]


def test_unreadable_files_are_named_with_their_error() -> None:
    assert unreadable_files(BATCHES, None) == {"count": 2, "names": "b/a.py (F), b/z.py (E)"}


def test_the_report_adds_up_to_its_last_row() -> None:
    packages = [[f"p{number}", 1, 100 - number, 10, 2, 1] for number in range(15)]
    event: dict[str, object] = {
        "library": "Python 3",
        "packages": packages,
        "largest": [["big.py", 1000, 1, 0, 0]],
        "finding": "None.",
    }
    table: Any = census_report(event, None)["table"]
    *parts, total = table["rows"]
    assert table["columns"] == COLUMNS
    assert parts[-1][0] == "3 others"
    assert total == ["all", *(sum(row[place] for row in parts) for place in range(1, 6))]
    assert table["notes"] == ["Largest files: big.py (1,000 lines)", "None."]


@pytest.mark.slow
def test_no_state_of_the_whole_census_comes_near_the_data_limit() -> None:
    listing = _listing("one")
    counted = [count_source(batch, None) for batch in listing["batches"]]
    event: Any = {"batches": counted}
    summary = [largest_files(event, None), package_totals(event, None)]
    last = {**listing, "batches": counted, "summary": [*summary, unreadable_files(event, None)]}
    assert _size(listing) < MARGIN * DATA_LIMIT
    assert 32768 < _size(last) < MARGIN * DATA_LIMIT


def test_the_listing_goes_to_the_object_store_but_is_far_from_the_data_limit() -> None:
    assert 32768 < _size(_listing("one")) < MARGIN * DATA_LIMIT


def _called(name: str, event: Any) -> Any:
    """Call a function as the functions file has it."""
    functions = load_functions(ROOT / "config" / "functions.toml", "statebag")
    function = functions.find(name)
    assert isinstance(function, PythonFunction)
    context = lambda_context(
        name, request_id="1", deadline=None, region="us-east-1", account_id="000000000000"
    )
    return call_handler(function.handler, event, context)


def _run_machine(request: dict[str, Any]) -> PureExecution:
    bare = ["list-sources", "count-source", "unreadable-files", "census-report"]
    functions: dict[str, Any] = {name: partial(_called, name) for name in bare}
    functions["invoke"] = lambda call: {"Payload": _called(call["FunctionName"], call["Payload"])}
    return run_purely(json.loads(MACHINE.read_text()), request, functions)


def test_the_machine_retries_the_listing_and_ends_with_the_table() -> None:
    execution = _run_machine({"packages": ["json"]})
    output: Any = execution.output
    files = len(list((library_root() / "json").rglob("*.py")))
    assert execution.details("LambdaFunctionFailed")[0]["error"] == "ListingNotConfirmed"
    assert [row[:2] for row in output["table"]["rows"]] == [["json", files], ["all", files]]
    assert output["table"]["notes"][1] == "Every file tokenises."


def test_the_machine_names_what_does_not_tokenise(library: Path) -> None:
    (library / "bad.py").write_text("x = (1,\n")
    output: Any = _run_machine({}).output
    assert output["table"]["notes"][1] == (
        "Files that do not tokenise: 1, namely bad.py (TokenError)"
    )


def test_the_machine_gives_the_same_output_again() -> None:
    request = {"packages": ["json", "email"]}
    assert _run_machine(request).output == _run_machine(request).output
