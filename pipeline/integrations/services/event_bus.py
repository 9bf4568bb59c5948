"""The local event bus: a topic exchange of the broker, in EventBridge's envelope.

AWS: "EventBridge event structure". The routing key is ``<source>.<detail-type>``.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from botocore.utils import parse_timestamp
from celery import Celery
from kombu.entity import Exchange
from kombu.exceptions import OperationalError

from pipeline.integrations.services.client import Service, client_error
from pipeline.language.json_value import JsonObject, loads
from pipeline.language.timestamps import format_timestamp

_make_exchange: Any = Exchange  # Kombu is typed in part only
EXCHANGE = _make_exchange("statebag.events", type="topic", durable=True)


class LocalEventBus:
    """EventBridge's PutEvents onto the topic exchange. An event without a bound queue is lost."""

    def __init__(
        self, app: Celery, *, region: str, account_id: str, clock: Callable[[], float]
    ) -> None:
        self._app = app
        self._region = region
        self._account_id = account_id
        self._clock = clock

    @property
    def operations(self) -> Service:
        """The operations of ``events:`` resources."""
        return {"putEvents": self.put_events}

    def put_events(self, **parameters: Any) -> dict[str, Any]:
        """Publish events.

        Args:
            parameters: Those of EventBridge's PutEvents: ``Entries``.

        Raises:
            botocore.exceptions.ClientError: The entries are wrong, or the broker is unavailable.
        """
        entries = parameters.get("Entries")
        if not isinstance(entries, list) or not 1 <= len(entries) <= 10:
            raise client_error(
                "PutEvents", "ValidationException", "Entries must hold 1 to 10 events."
            )
        answers = [self._put(entry) for entry in entries]
        failed = sum("ErrorCode" in answer for answer in answers)
        return {"Entries": answers, "FailedEntryCount": failed}

    def _put(self, entry: dict[str, Any]) -> dict[str, str]:
        for name in ("Source", "DetailType", "Detail"):
            if not entry.get(name):
                message = f"Parameter {name} is not valid. Reason: {name} is a required argument."
                return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
        try:
            detail = loads(entry["Detail"])
        except ValueError:
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        if not isinstance(detail, dict):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        try:
            at = parse_timestamp(entry["Time"]).timestamp() if "Time" in entry else self._clock()
        except (ValueError, OverflowError):
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": "Parameter Time is not valid."}
        return {"EventId": self._publish(entry, detail, at)}

    def _publish(self, entry: dict[str, Any], detail: JsonObject, at: float) -> str:
        """Publish one event; returns its id.

        Args:
            entry: An entry of PutEvents.
            detail: Its Detail.
            at: Its time in epoch seconds.

        Raises:
            botocore.exceptions.ClientError: The broker is unavailable.
        """
        event_id = str(uuid4())
        envelope: JsonObject = {
            "version": "0",
            "id": event_id,
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self._account_id,
            "time": _seconds(int(at)),
            "region": self._region,
            "resources": entry.get("Resources", []),
            "detail": detail,
        }
        try:
            with self._app.producer_pool.acquire(block=True) as producer:
                producer.publish(
                    envelope,
                    exchange=EXCHANGE,
                    routing_key=f"{entry['Source']}.{entry['DetailType']}",
                    serializer="json",
                    declare=[EXCHANGE],
                    retry=True,
                    retry_policy={"max_retries": 3},
                )
        except (OperationalError, OSError) as error:
            raise client_error("PutEvents", "InternalException", str(error), 500) from error
        return event_id


def _seconds(now: int) -> str:
    """A time as EventBridge writes it: in whole seconds."""
    seconds, _, _ = format_timestamp(now).removesuffix("Z").partition(".")
    return f"{seconds}Z"
