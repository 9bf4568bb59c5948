"""Headers that every page of the console has."""

from starlette.responses import Response

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def secured(response: Response) -> Response:
    """A response that runs no script but the console's own, and that no cache keeps."""
    response.headers.update(_HEADERS)
    return response
