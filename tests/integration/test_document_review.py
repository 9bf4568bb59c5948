"""The document review as a person runs it, in a process of its own."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from pipeline.command_line.command_errors import CommandError
from tasks.samples.document_review.document import SECTIONS, SHIPPED, read_document
from tests.integration.warm_commands import WarmCommands


@cache
def _command() -> WarmCommands:
    entry_point = "tasks.samples.document_review.__main__:app"
    return WarmCommands("document_review", entry_point, os.environ, flags=("-W", "error"))


def review(directory: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    own = ("STATEBAG_", "LLM_", "STATE_STORAGE_", "AWS_ENDPOINT_URL")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    done = _command().run(arguments, directory, environment, stdin)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_the_shipped_text_is_reviewed_approved_and_reported(tmp_path: Path) -> None:
    done = review(tmp_path)
    assert done.returncode == 0, done.stderr
    words = len(re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", SHIPPED.read_text()))
    told = re.search(r"american_texts\.md: (\d+) words", done.stdout)
    assert told is not None
    assert words - 60 < int(told[1]) < words  # without title, note and headings
    assert done.stdout.count("[offline:offline]") >= SECTIONS + 1
    assert "Decision: approved" in done.stdout
    assert "SUCCEEDED in" in done.stderr
    assert "states entered" in done.stderr


def test_the_history_has_every_node_once(tmp_path: Path) -> None:
    told = review(tmp_path).stdout
    assert re.search(r"Segment history: \d{3} entries, 0 repeated", told)
    assert len(re.findall(r"^\S+  ai_thought  read_\d ", told, re.MULTILINE)) == SECTIONS


def test_the_objects_below_the_execution_s_prefix_are_listed_with_their_sizes(
    tmp_path: Path,
) -> None:
    told = review(tmp_path).stdout
    total = re.search(r"(\d+) objects, ([\d,]+) bytes, below s3://(\S+)/$", told, re.MULTILINE)
    assert total is not None
    stored = list((tmp_path / ".statebag" / "s3" / total[3]).rglob("*.json"))
    assert len(stored) == int(total[1])
    assert sum(file.stat().st_size for file in stored) == int(total[2].replace(",", ""))


def test_a_person_who_is_asked_may_reject(tmp_path: Path) -> None:
    done = review(tmp_path, str(SHIPPED), "--interactive", stdin="n\nquote the sources\n")
    assert done.returncode == 0, done.stderr
    assert "Address at Gettysburg: 271 words" in done.stderr
    assert "Decision: not approved (REJECTED): quote the sources" in done.stdout


@pytest.mark.parametrize("paragraphs", [SECTIONS, 7, 40])
def test_a_text_without_sections_is_divided_and_loses_nothing(
    tmp_path: Path, paragraphs: int
) -> None:
    file = tmp_path / "text.txt"
    given = [f"Paragraph {number} has words. " * (1 + number % 5) for number in range(paragraphs)]
    file.write_text("\n\n".join(given))
    divided = read_document(file).text
    sections = re.split(r"^## Part \d\n\n", divided, flags=re.MULTILINE)[1:]
    assert len(sections) == SECTIONS
    assert "\n\n".join(section.strip() for section in sections).split("\n\n") == [
        paragraph.strip() for paragraph in given
    ]


def test_a_long_first_paragraph_leaves_a_section_for_each_of_the_others(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("\n\n".join(["long " * 1000, "b", "c", "d", "e", "f"]))
    assert read_document(file).text.count("## Part") == SECTIONS


def test_a_text_that_is_too_short_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "short.txt"
    file.write_text("One paragraph.")
    with pytest.raises(CommandError, match="fewer than 6 paragraphs"):
        read_document(file)
    done = review(tmp_path, "short.txt")
    assert done.returncode == 2
    assert "fewer than 6 paragraphs" in done.stderr
