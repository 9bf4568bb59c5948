"""An engine that takes the answers to its task tokens."""

from dataclasses import dataclass, field

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.callbacks import InvalidToken, TaskTimedOut


@dataclass(slots=True)
class WaitingEngine:
    """An engine whose states wait for the tokens it is told, each of which it takes once."""

    waiting: set[str] = field(default_factory=set)
    successes: dict[str, Json] = field(default_factory=dict)
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    heartbeats: list[str] = field(default_factory=list)

    def send_task_success(self, token: str, output: Json) -> None:
        self._take(token)
        self.successes[token] = output

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        self._take(token)
        self.failures[token] = (error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        if token not in self.waiting:
            raise TaskTimedOut(token)
        self.heartbeats.append(token)

    def _take(self, token: str) -> None:
        if token == "":
            raise InvalidToken(token)
        if token not in self.waiting:
            raise TaskTimedOut(token)
        self.waiting.discard(token)
