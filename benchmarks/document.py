"""Tables of Markdown, and their places in the documentation."""

from collections.abc import Iterable, Sequence
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"


class SectionMissing(Exception):
    """The document has no place for what was measured."""

    def __init__(self, document: Path, name: str) -> None:
        super().__init__(document, name)
        self.document = document
        self.name = name

    def __str__(self) -> str:
        return f"{self.document} has no section between the comments {_marks(self.name)}"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def put_section(document: Path, name: str, content: str) -> None:
    """Replace what stands between the two comments of a name.

    Raises:
        SectionMissing: The document does not have both.
    """
    begin, end = _marks(name)
    before, _, rest = document.read_text().partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SectionMissing(document, name)
    document.write_text(f"{before}{begin}\n\n{content}\n\n{end}{after}")


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->", f"<!-- end of {name} -->"
