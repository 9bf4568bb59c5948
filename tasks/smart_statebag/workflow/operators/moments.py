"""Strategies about time, and those that only pass a value on."""

from datetime import UTC, datetime

from tasks.smart_statebag.bag.clock import iso_utc
from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.operators.lists import as_text


def timestamp(call: StrategyCall) -> Json:
    """Now: ISO 8601 in UTC, or whole epoch seconds with ``format`` "epoch"."""
    if call.params.get("format") == "epoch":
        return int(call.now)
    return iso_utc(call.now)


def date_format(call: StrategyCall) -> Json:
    """The input (epoch seconds or ISO 8601) in strftime's ``format``, UTC."""
    return _moment(call.value).strftime(call.text_param("format", "%Y-%m-%d"))


def echo(call: StrategyCall) -> Json:
    """The input."""
    return call.value


def log(call: StrategyCall) -> Json:
    """The message: ``message``, else the input; the node's history entry carries it."""
    return as_text(call.params.get("message", call.value))


def _moment(value: Json) -> datetime:
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise StrategyError(f"the input is not a moment: {error}") from error
    raise StrategyError("the input is neither epoch seconds nor ISO 8601")


MOMENTS: dict[str, Strategy] = {
    "timestamp": timestamp,
    "date_format": date_format,
    "echo": echo,
    "log": log,
}
