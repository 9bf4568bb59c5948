"""Functions of AWS Lambda: what is asked of it, and what its answers become."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from pipeline.integrations.functions.calling import call
from pipeline.integrations.functions.function import LambdaFunction
from pipeline.integrations.functions.lambda_context import lambda_context
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"


class Lambda(ThreadingHTTPServer):
    """Answers each request with what the test laid down, and keeps what it was asked."""

    status = 200
    headers: dict[str, str] = {}  # noqa: RUF012 (a test replaces it on its own server)
    body = b"null"
    asked: list[tuple[str, str, bytes]]


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Lambda)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((unquote(self.path), self.headers["Authorization"], content))
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    with Lambda(("127.0.0.1", 0), Answer) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
        yield server
        server.shutdown()
        thread.join()


def invoke(invoked: str = ARN, event: Json = None, *, reference: str = "f") -> Json:
    function = LambdaFunction(name="f", reference=invoked, queue="q")
    context = lambda_context(
        reference, request_id="r", deadline=None, region="-", account_id="-", clock=time.time
    )
    return call(function, event, context)


def refused(aws: Lambda, status: int, code: str) -> tuple[str, str | None]:
    aws.status = status
    aws.headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": "request-9"}
    aws.body = b'{"Type": "User", "Message": "No."}'
    with pytest.raises(ExecutionError) as caught:
        invoke()
    return caught.value.error, caught.value.cause


def test_the_event_goes_to_the_function_in_its_region(aws: Lambda) -> None:
    aws.body = b'{"answer": [1]}'
    assert invoke(event={"question": "\u00e9"}) == {"answer": [1]}
    path, authorization, content = aws.asked[0]
    assert path == f"/2015-03-31/functions/{ARN}/invocations"
    assert "/eu-west-1/lambda/aws4_request" in authorization
    assert json.loads(content) == {"question": "\u00e9"}


def test_a_plain_name_is_invoked_in_the_region_of_the_worker(aws: Lambda) -> None:
    invoke("f")
    assert "/us-east-2/lambda/aws4_request" in aws.asked[0][1]


@pytest.mark.parametrize(
    ("invoked", "reference", "query"),
    [
        (ARN, "f:live", "?Qualifier=live"),
        (f"{ARN}:7", "f", "?Qualifier=7"),
        (f"{ARN}:7", "f:live", "?Qualifier=live"),
        (ARN, "f:$LATEST", ""),
    ],
)
def test_the_qualifier_of_the_state_wins_over_that_of_the_functions_file(
    aws: Lambda, invoked: str, reference: str, query: str
) -> None:
    invoke(invoked, reference=reference)
    assert aws.asked[0][0] == f"/2015-03-31/functions/{ARN}/invocations{query}"


def test_an_empty_answer_is_null(aws: Lambda) -> None:
    aws.body = b""
    assert invoke() is None


def test_the_error_of_the_function_is_named_by_its_type(aws: Lambda) -> None:
    aws.headers = {"X-Amz-Function-Error": "Unhandled"}
    aws.body = b'{"errorMessage": "no", "errorType": "Refused", "stackTrace": []}'
    with pytest.raises(ExecutionError) as caught:
        invoke()
    assert (caught.value.error, caught.value.cause) == ("Refused", aws.body.decode())


def test_an_error_without_a_message_is_named_by_its_type(aws: Lambda) -> None:
    """Java leaves out what is null."""
    aws.headers = {"X-Amz-Function-Error": "Unhandled"}
    aws.body = b'{"errorType": "java.lang.NullPointerException", "stackTrace": []}'
    with pytest.raises(ExecutionError) as caught:
        invoke()
    assert caught.value.error == "java.lang.NullPointerException"


@pytest.mark.parametrize("body", [b'{"oops": 1}', b'{"errorType": ""}', b"no JSON", b""])
def test_an_error_without_a_type_is_unknown(aws: Lambda, body: bytes) -> None:
    aws.headers, aws.body = {"X-Amz-Function-Error": "Unhandled"}, body
    with pytest.raises(ExecutionError) as caught:
        invoke()
    assert caught.value.error == "Lambda.Unknown"


def test_a_document_that_only_looks_like_an_error_is_a_result(aws: Lambda) -> None:
    aws.body = b'{"errorMessage": "a word", "errorType": "another"}'
    assert invoke() == {"errorMessage": "a word", "errorType": "another"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "ResourceNotFoundException"),
        (429, "TooManyRequestsException"),
        (500, "ServiceException"),
        (413, "RequestTooLargeException"),
    ],
)
def test_a_refusal_has_the_name_that_lambda_gives_it(aws: Lambda, status: int, code: str) -> None:
    assert refused(aws, status, code) == (
        f"Lambda.{code}",
        f"No. (Service: Lambda, Status Code: {status}, Request ID: request-9)",
    )


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDeniedException"), (502, "Elsewhere")])
def test_a_refusal_that_lambda_does_not_model_is_lambdas_own(
    aws: Lambda, status: int, code: str
) -> None:
    assert refused(aws, status, code)[0] == "Lambda.AWSLambdaException"


def test_a_refused_call_is_not_made_again(aws: Lambda) -> None:
    refused(aws, 500, "ServiceException")
    assert len(aws.asked) == 1


def test_an_endpoint_that_is_not_there_is_the_clients_error(
    aws: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")
    with pytest.raises(ExecutionError) as caught:
        invoke()
    assert caught.value.error == "Lambda.SdkClientException"
