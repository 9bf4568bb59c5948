"""What results of optimised integrations tell of the answer itself.

AWS Step Functions Developer Guide, "Integrating optimized services": the response's metadata, as
the AWS SDK for Java 1 has it.
"""

from collections.abc import Mapping

from pipeline.language.json_value import JsonObject

REQUEST_ID = "x-amzn-RequestId"


def sdk_metadata(request_id: str, status: int, headers: Mapping[str, str]) -> JsonObject:
    """The fields ``SdkHttpMetadata`` and ``SdkResponseMetadata``.

    Args:
        request_id: Identifier of the request, which is also a header.
        status: HTTP status of the answer.
        headers: Its other headers, in any spelling.
    """
    shown: JsonObject = {REQUEST_ID: request_id}
    for name, value in headers.items():
        if name.lower() != REQUEST_ID.lower():
            shown[_spelled(name)] = value
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in shown.items()},
            "HttpHeaders": shown,
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def _spelled(name: str) -> str:
    """``Content-Type`` for ``content-type``, as botocore gives it; AWS's own are as they are."""
    return name if name.lower().startswith("x-") else name.title()
