"""A sandbox: one process that runs one stored function, one call at a time."""

import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from pipeline.integrations.functions import lambda_bootstrap
from pipeline.integrations.functions.function import StoredFunction
from pipeline.integrations.functions.lambda_environment import sandbox_environment
from pipeline.integrations.functions.lambda_log import CallLog
from pipeline.language.json_value import JsonObject, dump_bytes, loads

IDLE_SECONDS = 300.0
"""How long a sandbox waits for another call before it ends by itself."""

INITIALIZATION_SECONDS = 10.0
"""How long the import of a handler may take, in addition to the function's timeout."""

MAX_RESULT = 6291556
"""Lambda's limit of a result, in bytes."""

_AROUND_RESULT = len('{"result": }')
_LENGTH = struct.Struct(">I")
_CHUNK = 65536


class SandboxTimedOut(Exception):
    """The function exceeded its timeout."""


class SandboxExited(Exception):
    """The process ended before it answered.

    Attributes:
        status: Its exit status, or a signal's number below zero.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        if self.status == 0:
            return "Runtime exited without providing a reason"
        if self.status > 0:
            return f"Runtime exited with error: exit status {self.status}"
        name = signal.strsignal(-self.status) or str(-self.status)
        return f"Runtime exited with error: signal: {name.lower()}"


class ResultTooLarge(Exception):
    """The result exceeds Lambda's limit; ``size`` is in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size

    def __str__(self) -> str:
        return (
            f"Response payload size ({self.size} bytes) exceeded maximum allowed payload size "
            f"({MAX_RESULT} bytes)."
        )


class Sandbox:
    """A running process. After an exception it can only be closed."""

    def __init__(self, function: StoredFunction, code: Path) -> None:
        """Start the process, without waiting for its handler to be imported."""
        self.function = function
        self._channel, theirs = socket.socketpair()
        arguments = [lambda_bootstrap.__file__, str(theirs.fileno()), str(IDLE_SECONDS)]
        with theirs:
            # -P keeps the modules next to the bootstrap out of the function's path.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                [sys.executable, "-P", *arguments],
                cwd=code,
                env=sandbox_environment(function, code),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                # A process group of its own: processes that the function starts end with it.
                start_new_session=True,
            )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self._output = self._process.stdout
        os.set_blocking(self._output.fileno(), False)
        self._channel.setblocking(False)

    def initialize(self, log: CallLog) -> JsonObject:
        """Wait until the handler is imported, and return the sandbox's first answer."""
        limit = INITIALIZATION_SECONDS + self.function.timeout_seconds
        return self._receive(time.monotonic() + limit, log)

    def call(
        self, event: bytes, attributes: JsonObject, seconds: float, log: CallLog
    ) -> JsonObject:
        """Call the handler.

        Args:
            event: The event as JSON text.
            attributes: Attributes of its context object.
            seconds: The limit of the call.
            log: Gets the function's output.

        Returns:
            The sandbox's answer.

        Raises:
            SandboxTimedOut: No answer came in time.
            SandboxExited: The process ended before it answered.
            ResultTooLarge: The answer exceeds the limit.
        """
        deadline = time.monotonic() + seconds
        context = dump_bytes({"attributes": attributes, "seconds": seconds})
        data = b'{"context":' + context + b',"event":' + event + b"}"
        self._send(_LENGTH.pack(len(data)) + data, deadline)
        return self._receive(deadline, log)

    def close(self) -> None:
        """End the process and all processes that it started."""
        self._channel.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._output.close()

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def _send(self, data: bytes, deadline: float) -> None:
        self._channel.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            self._channel.sendall(data)
        except TimeoutError as error:
            raise SandboxTimedOut from error
        except OSError as error:
            raise self._exited() from error
        finally:
            self._channel.setblocking(False)

    def _receive(self, deadline: float, log: CallLog) -> JsonObject:
        """The next message. Output before it goes to the log."""
        message = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(self._channel, selectors.EVENT_READ)
            ready.register(self._output, selectors.EVENT_READ)
            while not _is_whole(message):
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    self._drain(log)
                    raise SandboxTimedOut
                for key, _ in ready.select(remaining):
                    if key.fileobj is self._channel:
                        message += self._read_channel(log)
                    elif not self._drain(log):
                        ready.unregister(self._output)
        self._drain(log)
        answer = loads(bytes(message[_LENGTH.size :]))
        assert isinstance(answer, dict)  # noqa: S101 - the bootstrap writes objects
        return answer

    def _read_channel(self, log: CallLog) -> bytes:
        try:
            data = self._channel.recv(_CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            self._drain(log)
            raise self._exited()
        return data

    def _drain(self, log: CallLog) -> bool:
        """Read the output so far. Returns False when no more can come."""
        while True:
            try:
                data = os.read(self._output.fileno(), _CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            log.write(data)

    def _exited(self) -> SandboxExited:
        try:
            return SandboxExited(self._process.wait(timeout=1))
        except subprocess.TimeoutExpired:  # it has closed its end of the channel, but still runs
            return SandboxExited(0)


def _is_whole(message: bytearray) -> bool:
    if len(message) < _LENGTH.size:
        return False
    size: int
    (size,) = _LENGTH.unpack_from(message)
    if size - _AROUND_RESULT > MAX_RESULT:
        raise ResultTooLarge(size - _AROUND_RESULT)
    return len(message) == _LENGTH.size + size
