"""Contract 12, "Performance table": what it asserts, from one execution of each machine."""

from pathlib import Path
from types import ModuleType
from xml.etree.ElementTree import fromstring

import pytest

from benchmarks import compare_generations, engine_rates
from benchmarks.bar_chart import Pair, bar_chart
from benchmarks.compare_generations import measure, table
from benchmarks.document import DOCUMENT, SectionMissing, markdown_table, put_section
from benchmarks.measures import STATES, UNCACHED, Expectation, Measured, evaluate


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str | None], Measured]:
    """The rows by measure and fixture."""
    return {(row.expectation.name, row.expectation.fixture): row for row in evaluate(measure(1))}


def row_of(legacy: float, v3: float, change: float, asserted: float | None = None) -> Measured:
    expectation = Expectation(
        name="something", fixture=None, of=lambda _: 0.0, change=change, asserted=asserted
    )
    return Measured(expectation=expectation, legacy=legacy, v3=v3)


@pytest.mark.slow
def test_everything_the_contract_asserts_is_so(
    rows: dict[tuple[str, str | None], Measured],
) -> None:
    assert [row.expectation.name for row in rows.values() if not row.is_as_asserted] == []


@pytest.mark.slow
def test_the_files_have_63_and_43_states(rows: dict[tuple[str, str | None], Measured]) -> None:
    states = rows[STATES.name, STATES.fixture]
    assert (states.legacy, states.v3) == (63, 43)
    assert states.is_reached


@pytest.mark.slow
def test_the_legacy_history_repeats_an_entry_six_times_and_v3_none(
    rows: dict[tuple[str, str | None], Measured],
) -> None:
    duplicates = rows["duplicate log entries", "chain14"]
    assert (duplicates.legacy, duplicates.v3) == (6, 0)


@pytest.mark.slow
def test_reads_and_history_shrink_as_expected(
    rows: dict[tuple[str, str | None], Measured],
) -> None:
    assert rows["S3 GETs", "par25"].is_reached
    assert rows["event history", "chain14"].is_reached


@pytest.mark.slow
def test_the_cache_serves_v3_only(rows: dict[tuple[str, str | None], Measured]) -> None:
    cached, uncached = rows["S3 GETs", "par25"], rows["S3 GETs", UNCACHED]
    assert cached.legacy == uncached.legacy
    assert cached.v3 < uncached.v3 < uncached.legacy


@pytest.mark.parametrize(("v3", "is_reached"), [(89.0, True), (90.0, True), (91.0, False)])
def test_a_miss_is_said_in_the_table(v3: float, is_reached: bool) -> None:
    row = row_of(100, v3, change=-0.10)
    assert row.is_reached is is_reached
    assert table([row]).endswith("| yes |" if is_reached else "| **no** |")


def test_a_miss_of_what_is_asserted_is_told_from_one_of_what_is_expected() -> None:
    row = row_of(100, 80, change=-0.30, asserted=-0.001)
    assert (row.is_reached, row.is_as_asserted) == (False, True)
    assert not row_of(100, 100, change=-0.30, asserted=-0.001).is_as_asserted


def test_a_table_takes_the_place_of_the_one_before_it(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text("before\n<!-- here -->\nold\n<!-- end of here -->\nafter\n")
    put_section(document, "here", markdown_table(("a", "b"), [("1", "2")]))
    assert document.read_text().splitlines() == [
        *("before", "<!-- here -->", ""),
        *("| a | b |", "| --- | --- |", "| 1 | 2 |"),
        *("", "<!-- end of here -->", "after"),
    ]


def test_a_document_without_a_place_for_the_table_is_refused_and_kept(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text("<!-- here -->\nold\n")
    with pytest.raises(SectionMissing):
        put_section(document, "here", "new")
    assert document.read_text() == "<!-- here -->\nold\n"


def test_the_plot_draws_the_new_as_long_as_its_share_of_the_old() -> None:
    pair = Pair(label="a < b", share=0.5, old="2 & more", new="1", expected=0.75)
    svg = fromstring(bar_chart("title", ("old", "new"), [pair]))  # noqa: S314 - our own text
    widths = [float(box.attrib["width"]) for box in svg.iterfind("{*}rect")]
    assert widths[-1] == widths[-2] / 2
    assert {"a < b", "2 & more", "1"} <= {text.text for text in svg.iterfind("{*}text")}


@pytest.mark.parametrize(
    ("module", "option"),
    [
        (compare_generations, "--executions EXECUTIONS executions of each fixture"),
        (engine_rates, "--rounds ROUNDS rounds of each shape on each side"),
    ],
    ids=["compare_generations", "engine_rates"],
)
def test_the_help_of_a_benchmark_says_what_it_measures_and_how_often(
    module: ModuleType,
    option: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", [module.__name__, "--help"])
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit):
        module.main()
    shown = " ".join(capsys.readouterr().out.split())
    assert " ".join(str(module.__doc__).split()) in shown
    assert option in shown


@pytest.mark.parametrize("section", ["generations", "engine rates"])
def test_the_documentation_has_the_place_where_a_benchmark_puts_its_table(
    section: str, tmp_path: Path
) -> None:
    copy = tmp_path / "performance.md"
    copy.write_text(DOCUMENT.read_text())
    put_section(copy, section, "the new table")
    assert copy.read_text().count("the new table") == 1
