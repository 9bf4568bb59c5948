"""Who may enter the console, and what they may do there."""

import json
import logging
import re

import httpx
import pytest

from pipeline.api.authentication import Identity
from pipeline.console.access import Access
from pipeline.console.routes import console_routes
from tests.api_server import ACCOUNT, REGION, api_over
from tests.console_server import Console
from tests.machines import only

WAITS = only({"Type": "Wait", "Seconds": 3600, "End": True}, "Wait")


@pytest.fixture
def visitor(console: Console) -> httpx.Client:
    return console.visitor()


@pytest.mark.parametrize("page", ["machines", "executions", "workers", "execution?arn=x"])
def test_a_visitor_without_a_session_is_sent_to_sign_in_and_back(
    visitor: httpx.Client, page: str
) -> None:
    answer = visitor.get(f"/console/{page}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in?to=")


def test_a_browser_at_the_endpoints_root_is_sent_to_the_console(visitor: httpx.Client) -> None:
    answer = visitor.get("/", headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/console/")
    assert visitor.get("/", headers={"Accept": "*/*"}).status_code == 405


def test_a_one_time_token_opens_the_console_once(console: Console, visitor: httpx.Client) -> None:
    token = console.access.one_time_token()
    entered = visitor.get("/console/sign-in", params={"token": token})
    assert entered.headers["location"] == "/console/machines"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert visitor.get("/console/machines").status_code == 200
    assert httpx.get(f"{console.api.url}/console/sign-in?token={token}").status_code == 403


@pytest.mark.parametrize(
    ("key", "secret"),
    [("OPERATOR", "secret of WATCHER"), ("NOBODY", "secret of NOBODY"), ("OPERATOR", "")],
)
def test_a_wrong_key_does_not_open_the_console(
    visitor: httpx.Client, key: str, secret: str
) -> None:
    answer = visitor.post("/console/sign-in", data={"key": key, "secret": secret})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_changed_cookie_opens_nothing(console: Console) -> None:
    browser = console.sign_in("WATCHER")
    cookie = browser.cookies["statebag_console"]
    content, _, signature = cookie.partition(".")
    forged = httpx.get(
        f"{console.api.url}/console/machines",
        cookies={"statebag_console": f"{content[:-8]}{content[-8:].swapcase()}.{signature}"},
    )
    assert forged.status_code == 303


def test_after_signing_in_a_person_comes_back_only_to_a_page_of_the_console(
    visitor: httpx.Client,
) -> None:
    fields = {"key": "OPERATOR", "secret": "secret of OPERATOR"}
    back = visitor.post("/console/sign-in", params={"to": "workers"}, data=fields)
    assert back.headers["location"] == "/console/workers"
    away = visitor.post("/console/sign-in", params={"to": "//evil.example"}, data=fields)
    assert away.headers["location"] == "/console/evil.example"


def test_an_action_without_the_token_of_its_form_is_rejected(console: Console) -> None:
    arn = console.start(console.machine("kept", WAITS))
    for token in ("", "x"):
        answer = console.browser.post("/console/actions/stop", data={"csrf": token, "arn": arn})
        assert answer.status_code == 403
    assert console.client.describe_execution(executionArn=arn)["status"] == "RUNNING"
    assert console.act("stop", arn=arn).status_code == 200
    assert console.client.describe_execution(executionArn=arn)["status"] == "ABORTED"


def test_a_read_only_key_sees_everything_and_changes_nothing(console: Console) -> None:
    arn = console.start(console.machine("watched", WAITS), name="watched-1")
    browser = console.sign_in("WATCHER")
    page = browser.get("/console/execution", params={"arn": arn}).text
    assert "watched-1" in page
    assert "(read-only)" in page
    assert "/console/actions/stop" not in page
    session = console.access.session_of(browser.cookies["statebag_console"])
    assert session is not None
    answer = browser.post(
        "/console/actions/stop", data={"csrf": console.access.csrf_token(session), "arn": arn}
    )
    assert answer.status_code == 403
    assert "read-only" in answer.text
    assert console.client.describe_execution(executionArn=arn)["status"] == "RUNNING"


def test_an_open_console_needs_no_key_but_the_token_of_its_forms(console: Console) -> None:
    engine = console.api.engine
    identity = Identity(account_id=ACCOUNT, region=REGION)
    pages = console_routes(engine, Access(keys={}, identity=identity, is_open=True))
    arn = console.start(console.machine("open", WAITS))
    with (
        api_over(console.api.platform, pages=pages) as api,
        httpx.Client(base_url=api.url, timeout=30) as browser,
    ):
        page = browser.get("/console/execution", params={"arn": arn}).text
        (token,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
        for given, status in (("", 403), (token, 303)):
            fields = {"csrf": given, "arn": arn}
            assert browser.post("/console/actions/stop", data=fields).status_code == status


def test_another_account_sees_none_of_it(console: Console) -> None:
    machine = console.machine("private", WAITS)
    arn = console.start(machine)
    browser = console.sign_in("STRANGER")
    assert "private" not in browser.get("/console/machines").text
    assert browser.get("/console/machine", params={"arn": machine}).status_code == 403
    assert browser.get("/console/execution", params={"arn": arn}).status_code == 403
    assert browser.get("/console/updates", params={"arn": arn}).status_code == 400


def test_every_action_is_a_line_of_the_audit_log_without_data(
    console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    arn = console.machine("audited", WAITS)
    with caplog.at_level(logging.INFO, "statebag.audit"):
        console.act("start", machine=arn, name="audited-1", input='{"secret": 1}')
        console.act("start", machine=arn + "x", input="{}")
    lines = [json.loads(r.message) for r in caplog.records if r.name == "statebag.audit"]
    assert [(line["action"], line["outcome"]) for line in lines] == [
        ("StartExecution", "done"),
        ("StartExecution", "StateMachineDoesNotExist"),
    ]
    assert lines[0]["key"] == "local"
    assert lines[0]["name"] == "audited-1"
    assert "secret" not in caplog.text


def test_pages_run_no_script_but_the_consoles_own(console: Console) -> None:
    headers = console.browser.get("/console/machines").headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert console.browser.get("/console/static/console.js").status_code == 200


def test_signing_out_ends_the_session(console: Console) -> None:
    browser = console.sign_in("OPERATOR")
    browser.post("/console/sign-out")
    assert browser.get("/console/machines").url.path == "/console/sign-in"
