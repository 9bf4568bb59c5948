"""The log of a call: the function's standard output and error."""

import logging

TAIL_BYTES = 4096
"""The end of a call's log that Lambda returns with ``LogType: Tail``."""

log = logging.getLogger(__name__)


class CallLog:
    """The log of one call: each line goes to the worker's log; the object keeps the end."""

    def __init__(self, function: str, request_id: str, version: str) -> None:
        self._function = function
        self._tail = bytearray()
        self._line = bytearray()
        self._request_id = request_id
        self._add(f"START RequestId: {request_id} Version: {version}\n".encode())

    def write(self, data: bytes) -> None:
        """Add output of the function."""
        self._add(data)
        *lines, rest = (bytes(self._line) + data).split(b"\n")
        # A line without an end is logged in parts.
        self._line = bytearray(rest[-TAIL_BYTES:])
        for line in lines:
            self._tell(line)

    def end(self, seconds: float, memory_mb: int) -> None:
        """Add the lines that Lambda writes after a call.

        Args:
            seconds: The duration of the call.
            memory_mb: The function's MemorySize.
        """
        if self._line:
            self._tell(bytes(self._line))
            self._add(b"\n")
        milliseconds = seconds * 1000
        self._add(
            f"END RequestId: {self._request_id}\n"
            f"REPORT RequestId: {self._request_id}\tDuration: {milliseconds:.2f} ms\t"
            f"Billed Duration: {int(milliseconds) + 1} ms\tMemory Size: {memory_mb} MB\n".encode()
        )

    @property
    def text(self) -> str:
        """The end of the log."""
        return self._tail.decode(errors="replace")

    def _tell(self, line: bytes) -> None:
        log.info("%s: %s", self._function, line.decode(errors="replace"))

    def _add(self, data: bytes) -> None:
        self._tail += data
        del self._tail[:-TAIL_BYTES]
