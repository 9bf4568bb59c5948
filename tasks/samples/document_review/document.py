"""The document under review, in the six sections that the workflow has branches for."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.command_line.command_errors import CommandError
from tasks.smart_statebag.workflow.operators.patterns import MAX_SUBJECT

SECTIONS = 6
SHIPPED = Path(__file__).parents[3] / "config/samples/document_review/american_texts.md"

_HEADING = re.compile(r"^## ", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text with six headings that begin with ``##``."""

    name: str
    text: str


def read_document(file: Path) -> Document:
    """The document in a file; one without six sections of its own is divided evenly.

    Raises:
        CommandError: The file cannot be read, or is too short or too long.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CommandError(f"{file} cannot be read: {reason}") from error
    text = text.replace("\r\n", "\n")
    if len(_HEADING.findall(text)) != SECTIONS:
        text = _divided(text, file)
    if len(text) > MAX_SUBJECT:
        raise CommandError(f"{file} has more than {MAX_SUBJECT} characters")
    return Document(name=file.name, text=text)


def _divided(text: str, file: Path) -> str:
    """The paragraphs of a text in six sections of nearly equal length."""
    paragraphs = [part.strip() for part in _BLANK_LINES.split(_HEADING.sub("", text))]
    paragraphs = [part for part in paragraphs if part]
    if len(paragraphs) < SECTIONS:
        raise CommandError(f"{file} has fewer than {SECTIONS} paragraphs")
    sections: list[list[str]] = [[] for _ in range(SECTIONS)]
    length, before = sum(map(len, paragraphs)), 0
    for number, paragraph in enumerate(paragraphs):
        fair = SECTIONS * before // length
        # Each section gets one paragraph at least, however long the others are.
        earliest = SECTIONS - (len(paragraphs) - number)
        current = max(fair, earliest)
        filled = sum(map(bool, sections))
        sections[min(current, filled, SECTIONS - 1)].append(paragraph)
        before += len(paragraph)
    return "\n\n".join(
        f"## Part {number}\n\n" + "\n\n".join(section)
        for number, section in enumerate(sections, start=1)
    )
