"""The metadata of the answer in the results of optimised integrations.

AWS Step Functions Developer Guide, "Integrating optimized services": the response's metadata in the
form of the AWS SDK for Java 1.
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
    """``Content-Type`` for botocore's ``content-type``. AWS's own headers stay unchanged."""
    return name if name.lower().startswith("x-") else name.title()
