"""Functions of the source census, which counts the Python standard library in use.

Lambda handlers for ``config/asl/samples/source_census.asl.json``. Files are named relative to the
library's root, so that the report says the same wherever the library lies.
"""

import hashlib
import os
import platform
import sysconfig
import tempfile
import tokenize
from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path
from token import NAME
from typing import TypeAlias, TypedDict

FILES_PER_BATCH = 8
"""Files that one call of ``count_source`` reads."""

MAX_SHOWN = 5
PACKAGES_SHOWN = 12
COLUMNS = ["package", "files", "lines", "tokens", "functions", "classes"]

SINGLE_MODULES = "(single modules)"
"""Stands for a package in the rows of the modules that are in none."""

_NOT_THE_LIBRARY = frozenset({"site-packages", "dist-packages"})

Row: TypeAlias = list[str | int]
"""A counted file, compact for the wire: [name, lines, tokens, functions, classes]."""


class Batch(TypedDict):
    """Files of one package that are counted together."""

    package: str
    files: list[str]


class CountedBatch(TypedDict):
    """The count of a batch; ``unreadable`` holds [name, error class] pairs."""

    package: str
    rows: list[Row]
    unreadable: list[list[str]]


class ListingNotConfirmed(Exception):
    """Two listings of the library in a row must agree; the caller asks again a moment later."""


class UnknownPackage(Exception):
    """The execution's input asks for packages that the library does not have."""


def list_sources(event: dict[str, object], context: object) -> dict[str, object]:
    """List the library's source files in batches, once two listings in a row agree.

    While the library is being installed or upgraded, a census would count neither version. So a
    listing counts only if the one before it, in the same execution, was equal.

    Args:
        event: ``execution``, the execution's ARN; ``request``, its input, where ``packages`` (a
            list of names) limits the census.
        context: The Lambda context, not used.

    Raises:
        ListingNotConfirmed: It is the first listing of this execution, or not equal to the last.
        UnknownPackage: The library has no such package.
    """
    root = library_root()
    files = list(_source_files(root))
    _confirm(str(event["execution"]), _digest(root, files))
    batches = _batches(_chosen(files, event["request"]))
    return {"library": f"Python {platform.python_version()}", "batches": batches}


def count_source(event: Batch, context: object) -> CountedBatch:
    """Count lines, tokens, functions and classes in each file of a batch.

    A file that does not tokenise is a finding, not a failure: the library ships some on purpose.
    """
    rows: list[Row] = []
    unreadable: list[list[str]] = []
    for name in event["files"]:
        try:
            rows.append([name, *_count(library_root() / name)])
        except (SyntaxError, tokenize.TokenError, UnicodeDecodeError) as error:
            unreadable.append([name, type(error).__name__])
    return {"package": event["package"], "rows": rows, "unreadable": unreadable}


def largest_files(event: dict[str, list[CountedBatch]], context: object) -> list[Row]:
    """The files with the most lines, largest first."""
    rows = [row for batch in event["batches"] for row in batch["rows"]]
    return sorted(rows, key=lambda row: (-int(row[1]), row[0]))[:MAX_SHOWN]


def package_totals(event: dict[str, list[CountedBatch]], context: object) -> list[Row]:
    """One row per package, most lines first: the columns of ``COLUMNS``."""
    totals: dict[str, list[int]] = {}
    for batch in event["batches"]:
        total = totals.setdefault(batch["package"], [0] * (len(COLUMNS) - 1))
        for _, *counts in batch["rows"]:
            _add(total, [1, *map(int, counts)])
    return sorted(
        ([package, *total] for package, total in totals.items()),
        key=lambda row: (-int(row[2]), row[0]),
    )


def unreadable_files(event: dict[str, list[CountedBatch]], context: object) -> dict[str, object]:
    """How many files do not tokenise, and their names with the class of each one's error."""
    pairs = sorted(pair for batch in event["batches"] for pair in batch["unreadable"])
    names = ", ".join(f"{name} ({error})" for name, error in pairs)
    return {"count": len(pairs), "names": names}


def census_report(event: dict[str, object], context: object) -> dict[str, object]:
    """Compose the table that a person reads.

    Args:
        event: ``library``, ``packages`` (rows of ``package_totals``), ``largest`` (rows of
            ``largest_files``) and ``finding``, a sentence on the files that do not tokenise.
        context: The Lambda context, not used.
    """
    packages: list[Row] = event["packages"]  # type: ignore[assignment]  # ResultSelector's shape
    largest: list[Row] = event["largest"]  # type: ignore[assignment]  # the same
    shown, others = packages[:PACKAGES_SHOWN], packages[PACKAGES_SHOWN:]
    rows = list(shown)
    if others:
        rows.append(_sum_row(f"{len(others)} others", others))
    rows.append(_sum_row("all", packages))
    names = ", ".join(f"{name} ({lines:,} lines)" for name, lines, *_ in largest)
    return {
        "table": {
            "title": f"Source census of the standard library, {event['library']}",
            "columns": COLUMNS,
            "rows": rows,
            "notes": [f"Largest files: {names}", event["finding"]],
        }
    }


def library_root() -> Path:
    """The directory of the standard library of the running interpreter."""
    return Path(sysconfig.get_path("stdlib"))


def _source_files(root: Path) -> Iterable[str]:
    paths = (path for path in root.rglob("*.py") if path.is_file())
    relative = sorted(path.relative_to(root) for path in paths)
    return (path.as_posix() for path in relative if _NOT_THE_LIBRARY.isdisjoint(path.parts))


def _package_of(name: str) -> str:
    package, slash, _ = name.partition("/")
    return package if slash else SINGLE_MODULES


def _digest(root: Path, files: list[str]) -> str:
    sizes = (f"{name}:{(root / name).stat().st_size}" for name in files)
    return hashlib.sha256("\n".join(sizes).encode()).hexdigest()


def _confirm(execution: str, digest: str) -> None:
    """Compare with the last listing of the execution, which any worker of this host left.

    Raises:
        ListingNotConfirmed: There is none yet, or it differs; this one takes its place.
    """
    name = f"source-census-{hashlib.sha256(execution.encode()).hexdigest()}"
    last = Path(tempfile.gettempdir()) / name
    if last.is_file() and last.read_text() == digest:
        last.unlink(missing_ok=True)
        return
    draft = last.with_suffix(f".{os.getpid()}")
    draft.write_text(digest)
    draft.replace(last)  # atomic, so that no other worker reads half a digest
    raise ListingNotConfirmed("Two listings in a row do not agree yet")


def _chosen(files: list[str], request: object) -> list[str]:
    chosen = request.get("packages") if isinstance(request, dict) else None
    if chosen is None:
        return files
    known = {_package_of(name) for name in files}
    if missing := sorted(set(chosen) - known):
        raise UnknownPackage(f"Not in the standard library: {', '.join(missing)}")
    return [name for name in files if _package_of(name) in chosen]


def _batches(files: list[str]) -> list[Batch]:
    packages: dict[str, list[str]] = {}
    for name in files:
        packages.setdefault(_package_of(name), []).append(name)
    return [
        {"package": package, "files": names[start : start + FILES_PER_BATCH]}
        for package, names in sorted(packages.items(), key=itemgetter(0))
        for start in range(0, len(names), FILES_PER_BATCH)
    ]


def _count(path: Path) -> tuple[int, int, int, int]:
    """Count one file: lines, tokens, functions, classes.

    ``def`` and ``class`` are reserved, so each such token is one definition; no syntax tree is
    needed, and parsing one would print warnings about the library's escapes.
    """
    tokens = functions = classes = 0
    with path.open("rb") as source:
        for kind, text, *_ in tokenize.tokenize(source.readline):
            tokens += 1
            if kind == NAME:
                functions += text == "def"
                classes += text == "class"
        source.seek(0)
        lines = sum(1 for _ in source)
    return lines, tokens, functions, classes


def _add(total: list[int], counts: list[int]) -> None:
    for place, count in enumerate(counts):
        total[place] += count


def _sum_row(name: str, rows: list[Row]) -> Row:
    total = [0] * (len(COLUMNS) - 1)
    for _, *counts in rows:
        _add(total, [int(count) for count in counts])
    return [name, *total]
