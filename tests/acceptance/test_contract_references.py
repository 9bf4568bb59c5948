"""Every "Contract n.n" in the code names a section of the contract in docs/smart_statebag."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "docs" / "smart_statebag"
NUMBER = r"\d+(?:\.\d+)*"
REFERENCES = re.compile(
    rf"\bContract\s+({NUMBER}(?:(?:,\s+(?:and\s+)?|\s+(?:and|to)\s+){NUMBER})*)"
)
HEADING = re.compile(rf"#+ ({NUMBER})\.? ")
ITEM = re.compile(r"(\d+)\. ")


def numbers_of(reference: str) -> list[str]:
    """Return the numbers in "4.3, 4.4 and 4.6 to 4.8": of a range both ends."""
    return re.findall(NUMBER, reference)


def references(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each number that a module of the folder refers to, after the module's place."""
    for module in sorted(folder.rglob("*.py")):
        for match in REFERENCES.finditer(module.read_text(encoding="utf-8")):
            for number in numbers_of(match[1]):
                yield str(module.relative_to(ROOT)), number


def sections(part: str) -> set[str]:
    """Return the numbers of a part's headings, and of the numbered items below each."""
    found: set[str] = set()
    heading = ""
    for line in part.splitlines():
        if match := HEADING.match(line):
            heading = match[1]
            found.add(heading)
        elif heading and (match := ITEM.match(line)):
            found.add(f"{heading}.{match[1]}")
    return found


def test_every_section_that_the_code_refers_to_exists() -> None:
    parts = [path.read_text(encoding="utf-8") for path in sorted(CONTRACT.glob("*.md"))]
    written = {number for part in parts for number in sections(part)}
    made = [*references(ROOT / "tasks"), *references(ROOT / "config")]
    assert len(made) > 100
    assert [(place, number) for place, number in made if number not in written] == []


def test_each_part_stands_in_the_index() -> None:
    index = (CONTRACT / "README.md").read_text(encoding="utf-8")
    parts = {path.name for path in CONTRACT.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([^/)]+\.md)\)", index)) == parts
