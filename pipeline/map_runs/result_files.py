"""The files of a ResultWriter: numbered, of one outcome, and never held in memory."""

import tempfile
from typing import IO

from pipeline.language.json_value import Json, JsonObject, dump_bytes
from pipeline.map_runs.buckets.bucket import Bucket

MAX_FILE_BYTES = 1024 * 1024 * 1024
"""Bytes at which a further file is begun, some way before AWS does."""

_IN_MEMORY_BYTES = 1024 * 1024
"""A file up to this length is not worth one on disk."""


_LAYOUTS = {"JSON": (b"[", b",", b"]"), "JSONL": (b"", b"\n", b"\n")}
"""By WriterConfig's OutputType, what stands before the first record, before any other, and at the
end of a file."""


class ResultFiles:
    """The files of one outcome."""

    def __init__(self, bucket: Bucket, stem: str, output_type: str) -> None:
        """Begin without any file.

        Args:
            bucket: Where they go.
            stem: Their keys without number and ending.
            output_type: ``JSON`` for an array of records, ``JSONL`` for one a line.
        """
        self._bucket = bucket
        self._stem = stem
        self._ending = output_type.lower()
        self._begin, self._between, self._end = _LAYOUTS[output_type]
        self._file: IO[bytes] | None = None
        self._entries: list[Json] = []

    def add(self, record: Json) -> None:
        """Add a record, and write a file when it is full."""
        if self._file is None:
            # Closed when it is full, or by whoever closes these files.
            self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115
            self._file.write(self._begin)
        else:
            self._file.write(self._between)
        self._file.write(dump_bytes(record))
        if self._file.tell() >= MAX_FILE_BYTES:
            self._write(self._file)

    def finish(self) -> list[Json]:
        """Write what is left; returns the manifest's entries."""
        if self._file is not None:
            self._write(self._file)
        return self._entries

    def close(self) -> None:
        """Forget what has not been written."""
        if self._file is not None:
            self._file.close()

    def _write(self, file: IO[bytes]) -> None:
        file.write(self._end)
        key = f"{self._stem}_{len(self._entries)}.{self._ending}"
        entry: JsonObject = {"Key": key, "Size": file.tell()}
        self._bucket.put_file(key, file)
        file.close()
        self._file = None
        self._entries.append(entry)
