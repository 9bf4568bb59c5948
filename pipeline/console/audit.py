"""The audit log: a line for each action that a person takes in the console."""

import json
import logging
from collections.abc import Mapping

from pipeline.console.sessions import Session

log = logging.getLogger("statebag.audit")

_SECRETS = {"taskToken", "input", "output", "cause"}
"""Members that the log leaves out: they carry data of the execution, or a right."""


def audit(
    session: Session, action: str, members: Mapping[str, object], problem: str | None = None
) -> None:
    """Record an action, as one JSON object.

    Args:
        session: The person.
        action: AWS's name of the action, or ``SignIn``.
        members: Its input.
        problem: Why it was rejected, or None if it was done.
    """
    named = {name: value for name, value in members.items() if name not in _SECRETS}
    record = {
        "key": session.key_id,
        "account": session.account_id,
        "action": action,
        **named,
        "outcome": "done" if problem is None else problem,
    }
    log.info("%s", json.dumps(record, ensure_ascii=True, default=str))
