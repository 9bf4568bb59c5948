"""One wait for an answer, as the token table keeps it (Contract 7.1). Pure."""

import os
from dataclasses import dataclass

from tasks.smart_statebag.bag.clock import iso_utc
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.json_value import Json, JsonObject

WAITING, RESUMED = "WAITING", "RESUMED"
MAIN_SCOPE = "main"

TTL_VARIABLE = "TASK_TOKEN_TTL_SECONDS"
TTL_SECONDS = 90_000
"""The longest wait, a day, and one hour."""

QUESTION_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A Task state that waits; ``execution_id`` and position are those of the parent execution."""

    owner: str
    workflow: str | None
    execution_id: str
    execution_name: str
    conversation_id: str
    scope: str
    segment: int
    loop: int
    token: str
    idempotency_key: str | None = None
    state_path: str | None = None
    question: str | None = None

    @property
    def pause_id(self) -> str:
        """A repeated pause has the same id, so its token replaces the earlier one."""
        return f"{self.conversation_id}#{self.scope}#{self.segment}#{self.loop}"

    def row(self, now: float) -> JsonObject:
        """The item of the table."""
        lifetime = int(os.environ.get(TTL_VARIABLE) or TTL_SECONDS)
        return {
            "ownerId": self.owner,
            "pause_id": self.pause_id,
            "conversation_id": self.conversation_id,
            "scope": self.scope,
            "workflowId": self.workflow,
            "execution_id": self.execution_id,
            "execution_name": self.execution_name,
            "idempotency_key": self.idempotency_key,
            "segment_to_run": self.segment,
            "loop_counter": self.loop,
            "taskToken": self.token,
            "state_s3_path": self.state_path,
            "question": self.question,
            "status": WAITING,
            "created_at": iso_utc(now),
            "ttl": int(now) + lifetime,
        }


def shortened_question(question: Json) -> str | None:
    """A question of at most 4 KB, cut between two characters."""
    if not isinstance(question, str) or not question:
        return None
    return question.encode("utf-8", "replace")[:QUESTION_BYTES].decode("utf-8", "ignore")


def resumption(row: JsonObject, response: Json, *, resumed_at: str) -> JsonObject:
    """The output of SendTaskSuccess, the same in all scopes (Contract 7.2)."""
    segment = integer_or(row.get("segment_to_run"), 0)
    return {
        "status": RESUMED,
        "userResponse": response,
        "human_response": response,
        "user_callback_result": response,
        "resumed_at": resumed_at,
        "conversation_id": row.get("conversation_id"),
        "pause_id": row.get("pause_id"),
        "execution_id": row.get("execution_id"),
        "execution_name": row.get("execution_name"),
        "ownerId": row.get("ownerId"),
        "workflowId": row.get("workflowId"),
        "current_segment": segment,
        "segment_to_run": segment,
        "state_data": {
            "ownerId": row.get("ownerId"),
            "workflowId": row.get("workflowId"),
            "execution_id": row.get("execution_id"),
            "segment_to_run": segment,
            "state_s3_path": row.get("state_s3_path"),
            "idempotency_key": row.get("idempotency_key"),
        },
    }
