"""The forms that the console's pages send."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from pipeline.api.request_body import read_body

_LIMIT_BYTES = 4 << 20
_MAX_FIELDS = 100


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, which comes URL-encoded.

    Raises:
        ApiError: The form is too large.
    """
    body = await read_body(request, _LIMIT_BYTES)
    pairs = parse_qsl(
        body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS
    )
    return dict(pairs)
