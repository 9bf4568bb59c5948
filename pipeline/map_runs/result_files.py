"""The numbered files of one outcome for a ResultWriter; long ones are never in memory."""

import tempfile
from typing import IO

from pipeline.language.json_value import Json, JsonObject, dump_bytes
from pipeline.map_runs.buckets.bucket import Bucket

MAX_FILE_BYTES = 1024 * 1024 * 1024
"""The size, in bytes, at which another file begins; AWS's files are somewhat longer."""

_IN_MEMORY_BYTES = 1024 * 1024
"""A file of up to this length stays in memory."""


_LAYOUTS = {"JSON": (b"[", b",", b"]"), "JSONL": (b"", b"\n", b"\n")}
"""The bytes before the first record, between records and at the end of a file, by WriterConfig's
OutputType."""


class ResultFiles:
    """The files of one outcome."""

    def __init__(self, bucket: Bucket, stem: str, output_type: str) -> None:
        """Start without a file.

        Args:
            bucket: The bucket of the files.
            stem: The common beginning of their keys, without number and suffix.
            output_type: ``JSON`` for an array of records, ``JSONL`` for one record a line.
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
            # ``add`` closes it when it is full, ``close`` otherwise.
            self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115
            self._file.write(self._begin)
        else:
            self._file.write(self._between)
        self._file.write(dump_bytes(record))
        if self._file.tell() >= MAX_FILE_BYTES:
            self._write(self._file)

    def finish(self) -> list[Json]:
        """Write the rest, and return the manifest's entries."""
        if self._file is not None:
            self._write(self._file)
        return self._entries

    def close(self) -> None:
        """Discard the records that were not written."""
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
