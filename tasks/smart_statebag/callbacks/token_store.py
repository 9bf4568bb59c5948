"""The pauses that wait for an answer, in the table of task tokens (Contract 7.1)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.clock import Clock
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.callbacks.pause import RESUMED, WAITING, Pause
from tasks.smart_statebag.tables import ConditionNotMet, Equals, Query, Table
from tasks.smart_statebag.tables.schemas import EXECUTION_ID_INDEX


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStore:
    """Stores pauses and finds the one to answer."""

    table: Table
    clock: Clock

    def store(self, pause: Pause) -> JsonObject:
        """Write a pause over the earlier one at the same place.

        Returns:
            Its row.
        """
        row = pause.row(self.clock.now())
        self.table.put(row)
        return row

    def newest_waiting(
        self,
        owner: str,
        *,
        execution_id: str | None = None,
        conversation_id: str | None = None,
        pause_id: str | None = None,
    ) -> JsonObject | None:
        """The owner's newest pause of an execution or a conversation, or the named one."""
        rows = self._rows(owner, execution_id, conversation_id, pause_id)
        waiting = [row for row in rows if row.get("status") == WAITING]
        return max(waiting, key=_age, default=None)

    def mark_resumed(self, row: JsonObject) -> None:
        """Mark a pause as answered, unless a newer token has taken its place."""
        key = {name: str(row[name]) for name in ("ownerId", "pause_id")}
        same_token = Equals(field="taskToken", value=row["taskToken"])
        try:
            self.table.update(key, {"status": RESUMED}, only_if=same_token)
        except ConditionNotMet:
            return  # the newer pause still needs an answer

    def _rows(
        self,
        owner: str,
        execution_id: str | None,
        conversation_id: str | None,
        pause_id: str | None,
    ) -> list[JsonObject]:
        if pause_id is not None:
            row = self.table.get({"ownerId": owner, "pause_id": pause_id})
            return [] if row is None else [row]
        if conversation_id is not None:
            beginning = {"pause_id": f"{conversation_id}#"}
            return self.table.query(Query(equal={"ownerId": owner}, begins_with=beginning))
        key = {"ownerId": owner, "execution_id": execution_id or ""}
        return self.table.query(Query(equal=key, index=EXECUTION_ID_INDEX))


def _age(row: JsonObject) -> tuple[str, str]:
    return str(row.get("created_at")), str(row.get("pause_id"))
