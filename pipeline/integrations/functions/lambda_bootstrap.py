"""The program of a sandbox: imports a handler, then answers one event after another.

It runs as a script in a process of its own, next to the function's code, and imports only the
standard library. Errors have the names and texts of Lambda's Python runtime.

The worker starts it as ``lambda_bootstrap.py <channel> <idle seconds>`` with the variables of
Lambda's runtime (``_HANDLER``, ``LAMBDA_TASK_ROOT``, ...). A message on the channel is a length of
four bytes and that many bytes of JSON. The sandbox sends the first one, when its handler is
imported. Its answers are ``{"result": ...}``, or an object of ``errorType``, ``errorMessage`` and
``stackTrace``.
"""

import decimal
import importlib
import json
import logging
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace, TracebackType
from typing import Any

_LENGTH = struct.Struct(">I")
_TASK_ROOT = "/var/task/"
"""The directory of a function's code in Lambda."""


class Context:
    """The context object of one call: attributes that the worker sends, and the remaining time."""

    def __init__(self, message: dict[str, Any]) -> None:
        self.__dict__.update(message["attributes"])
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = None
        self._deadline = time.monotonic() + message["seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function times out, at least 0."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message: object) -> None:
        """Write to the function's log."""
        sys.stdout.write(str(message))


class RequestIdFilter(logging.Filter):
    """Adds the request id to log records, which Lambda's log format shows."""

    request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the request id. Lets every record pass."""
        record.aws_request_id = self.request_id
        return True


def main() -> None:
    """Import the handler, report that, and answer events until the channel closes or stays idle."""
    channel, idle_seconds = socket.socket(fileno=int(sys.argv[1])), float(sys.argv[2])
    threading.Thread(target=_end_with_the_worker, args=(channel,), daemon=True).start()
    requests = _log_as_lambda()
    try:
        handler = _import_handler(os.environ["_HANDLER"])
    except _UnusableHandler as unusable:
        _send(channel, unusable.answer)
        return
    _send(channel, _result(None))
    while (call := _receive(channel, idle_seconds)) is not None:
        requests.request_id = call["context"]["attributes"]["aws_request_id"]
        answer = _answer(handler, call["event"], Context(call["context"]))
        sys.stdout.flush()
        sys.stderr.flush()
        _send(channel, answer)


def _log_as_lambda() -> RequestIdFilter:
    requests = RequestIdFilter()
    output = logging.StreamHandler(sys.stdout)
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    formatter = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    output.setFormatter(formatter)
    output.addFilter(requests)
    logging.getLogger().addHandler(output)
    return requests


def _end_with_the_worker(channel: socket.socket) -> None:
    """End all processes of the function when the worker closes its end of the channel."""
    watched = select.poll()
    watched.register(channel, 0)  # a hang-up is always reported
    watched.poll()
    os.killpg(0, signal.SIGKILL)


class _UnusableHandler(Exception):
    """The handler cannot be used."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


def _import_handler(path: str) -> Callable[[Any, Context], Any]:
    """The handler that ``package/module.function`` names."""
    module_name, _, name = path.rpartition(".")
    if not module_name:
        text = f"Bad handler '{path}': not enough values to unpack (expected 2, got 1)"
        raise _UnusableHandler(_error("Runtime.MalformedHandlerName", text))
    module = _import_module(module_name)
    if not hasattr(module, name):
        text = f"Handler '{name}' missing on module '{module_name}'"
        raise _UnusableHandler(_error("Runtime.HandlerNotFound", text))
    handler: Callable[[Any, Context], Any] = getattr(module, name)
    return handler


def _import_module(name: str) -> Any:
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        return importlib.import_module(name.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{name}': {error}"
        raise _UnusableHandler(_error("Runtime.ImportModuleError", text)) from error
    except SyntaxError as error:
        text = f"Syntax error in module '{name}': {error}"
        trace = [
            f'  File "{_shown_path(error.filename or "")}" Line {error.lineno}\n    {error.text}'
        ]
        raise _UnusableHandler(_error("Runtime.UserCodeSyntaxError", text, trace)) from error
    except Exception as exception:
        raise _UnusableHandler(_exception_answer(exception)) from exception


def _answer(handler: Callable[[Any, Context], Any], event: Any, context: Context) -> str:
    try:
        result = handler(event, context)
    except Exception as exception:  # noqa: BLE001 - every exception of a handler is its function's error
        return _exception_answer(exception)
    try:
        return _result(result)
    except (TypeError, ValueError, RecursionError) as error:
        return _error("Runtime.MarshalError", f"Unable to marshal response: {error}")


def _result(value: Any) -> str:
    if isinstance(value, bytes):
        return f'{{"result": {_document(value.decode())}}}'
    return f'{{"result": {json.dumps(value, default=_encode, allow_nan=False)}}}'


def _document(text: str) -> str:
    """Bytes are the response itself: JSON unchanged, any other content as a text."""
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return json.dumps(text)


def _encode(value: Any) -> float:
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _exception_answer(exception: Exception) -> str:
    trace = _frames_of_the_handler(exception.__traceback__)
    return _error(type(exception).__name__, str(exception), trace)


def _frames_of_the_handler(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    while frames and (
        frames[0].filename in {__file__, importlib.__file__}
        or "importlib._bootstrap" in frames[0].filename
    ):
        del frames[0]
    # Plain tuples, as Lambda's runtime formats them: without the markers below the source line.
    return traceback.format_list(
        [(_shown_path(at.filename), at.lineno or 0, at.name, at.line) for at in frames]
    )


def _shown_path(path: str) -> str:
    """The path that a file of the function would have in Lambda."""
    root = os.environ["LAMBDA_TASK_ROOT"].rstrip("/") + "/"
    return _TASK_ROOT + path.removeprefix(root) if path.startswith(root) else path


def _error(error_type: str, message: str, trace: list[str] | None = None) -> str:
    trace = trace or []
    shown = ["Traceback (most recent call last):\n", *trace] if trace else []
    print(f"[ERROR] {error_type}: {message}\n{''.join(shown)}".rstrip(), flush=True)  # noqa: T201
    return json.dumps({"errorType": error_type, "errorMessage": message, "stackTrace": trace})


def _send(channel: socket.socket, answer: str) -> None:
    data = answer.encode()
    channel.sendall(_LENGTH.pack(len(data)) + data)


def _receive(channel: socket.socket, idle_seconds: float) -> dict[str, Any] | None:
    """The next call; None after a long idle time, or when the channel is closed."""
    watched = select.poll()
    watched.register(channel, select.POLLIN)
    if not watched.poll(idle_seconds * 1000):
        return None
    length = _exactly(channel, _LENGTH.size)
    data = _exactly(channel, *_LENGTH.unpack(length)) if length else b""
    if not data:
        return None
    call: dict[str, Any] = json.loads(data)
    return call


def _exactly(channel: socket.socket, size: int) -> bytes:
    """That many bytes, or none at the end of the stream."""
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    main()
