"""TestState as tests ask for it."""

import json
from typing import Any


class Asker:
    """Asks for tests; whatever is no text is sent as JSON."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __call__(self, definition: Any, **given: Any) -> dict[str, Any]:
        shown: dict[str, Any] = self._client.test_state(
            definition=_text(definition),
            **{
                name: _text(value) if name in {"input", "variables", "context"} else value
                for name, value in given.items()
            },
        )
        shown.pop("ResponseMetadata")
        return shown


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def result(value: Any, **more: Any) -> dict[str, Any]:
    """A mock that gives a result."""
    return {"result": json.dumps(value), **more}


def failure(error: str, cause: str = "because") -> dict[str, Any]:
    """A mock that fails."""
    return {"errorOutput": {"error": error, "cause": cause}}
