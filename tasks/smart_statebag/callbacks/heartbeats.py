"""Heartbeats of a task token while this process works on its answer (Contract 7.4)."""

import logging
import os
import threading
from types import TracebackType

from tasks.smart_statebag.bag.errors import StorageUnavailable
from tasks.smart_statebag.callbacks.interface import Callbacks, InvalidToken, TaskTimedOut

INTERVAL_VARIABLE = "ASYNC_HEARTBEAT_SECONDS"
INTERVAL_SECONDS = 60.0

log = logging.getLogger(__name__)


class Heartbeats:
    """Sends one every interval, from a thread of its own, for as long as the block lasts."""

    def __init__(self, callbacks: Callbacks, token: str) -> None:
        self._callbacks = callbacks
        self._token = token
        self._interval = float(os.environ.get(INTERVAL_VARIABLE) or INTERVAL_SECONDS)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeats", daemon=True)

    def __enter__(self) -> "Heartbeats":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._interval):
            try:
                self._callbacks.send_task_heartbeat(self._token)
            except (TaskTimedOut, InvalidToken):
                log.warning(
                    "The Task state no longer waits for this work; no more heartbeats are sent"
                )
                return
            except StorageUnavailable as error:
                log.warning("A heartbeat was not sent: %s", error)
