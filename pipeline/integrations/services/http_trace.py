"""The request and answer of an HTTP task, as ``InspectionData`` of TestState shows them.

AWS Step Functions Developer Guide, "Testing state machines with TestState", inspection level TRACE.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx


@dataclass(slots=True, kw_only=True)
class HttpTrace:
    """Collects the request and the response of one call, if they occur.

    Attributes:
        reveals_secrets: Whether to show the connection's additions to the request.
        request: Members of InspectionDataRequest; None before it is sent.
        response: Members of InspectionDataResponse; None before it arrives.
    """

    reveals_secrets: bool
    request: Mapping[str, str] | None = None
    response: Mapping[str, str] | None = None

    def sending(self, request: httpx.Request) -> None:
        """Record a request."""
        body = request.content.decode(errors="replace")
        self.request = {
            "protocol": request.url.scheme,
            "method": request.method,
            "url": str(request.url),
            "headers": _shown(request.headers),
            **({"body": body} if body else {}),
        }

    def received(self, response: httpx.Response, body: str) -> None:
        """Record the answer."""
        self.response = {
            "protocol": response.url.scheme,
            "statusCode": str(response.status_code),
            "statusMessage": response.reason_phrase,
            "headers": _shown(response.headers),
            "body": body,
        }


def _shown(headers: httpx.Headers) -> str:
    """Headers as TestState writes them: ``[name: value, name: value]``."""
    return f"[{', '.join(f'{name}: {value}' for name, value in headers.multi_items())}]"
