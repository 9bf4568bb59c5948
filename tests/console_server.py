"""The console as people see it: a real HTTP server over an embedded StateBag."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.api.access_keys import AccessKey, Role
from pipeline.api.authentication import Identity
from pipeline.console.access import Access
from pipeline.console.routes import console_routes
from tests.api_server import ACCOUNT, REGION, Api, api_over
from tests.platforms import embedded_platform

KEYS = {
    name: AccessKey(
        access_key_id=name, secret_access_key=f"secret of {name}", account_id=account, role=role
    )
    for name, account, role in (
        ("OPERATOR", ACCOUNT, Role.FULL),
        ("WATCHER", ACCOUNT, Role.READ_ONLY),
        ("STRANGER", "111122223333", Role.FULL),
    )
}

ROLE = "arn:aws:iam::000000000000:role/any"


@dataclass(kw_only=True)
class Console:
    """A running console, and the browser of somebody who has signed in.

    Attributes:
        api: The endpoint that it belongs to.
        access: Its doors.
        browser: An HTTP client that keeps cookies and follows redirects.
    """

    api: Api
    access: Access
    browser: httpx.Client
    client: Any = field(init=False)
    _others: list[httpx.Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.api.client("stepfunctions")

    def page(self, name: str, /, **query: object) -> str:
        """The text of a page, which must be there."""
        answer = self.browser.get(f"/console/{name}", params=dict(query))
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text[-500:]}"
        return answer.text

    def act(self, name: str, /, **fields: str) -> httpx.Response:
        """What the console answers when a form is sent from the page of the state machines."""
        (csrf,) = set(re.findall(r'name="csrf" value="([^"]+)"', self.page_with_form()))
        return self.browser.post(
            f"/console/actions/{name}", data={"csrf": html.unescape(csrf), **fields}
        )

    def page_with_form(self) -> str:
        """A page that has the session's token in a form."""
        arn = self.machine("formed", {"StartAt": "P", "States": {"P": {"Type": "Succeed"}}})
        return self.page("machine", arn=arn)

    def machine(self, name: str, definition: Mapping[str, Any]) -> str:
        """Create a state machine; returns its ARN."""
        created = self.client.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=ROLE
        )
        return str(created["stateMachineArn"])

    def start(self, machine_arn: str, given: Any = None, **arguments: Any) -> str:
        """Start an execution; returns its ARN."""
        started = self.client.start_execution(
            stateMachineArn=machine_arn, input=json.dumps(given), **arguments
        )
        return str(started["executionArn"])

    def visitor(self, *, follow_redirects: bool = False) -> httpx.Client:
        """Another browser, which has no session."""
        browser = httpx.Client(base_url=self.api.url, follow_redirects=follow_redirects, timeout=30)
        self._others.append(browser)
        return browser

    def close(self) -> None:
        """Close the browsers."""
        for browser in self._others:
            browser.close()

    def sign_in(self, key: str) -> httpx.Client:
        """Another browser, signed in with a key."""
        browser = self.visitor(follow_redirects=True)
        fields = {"key": key, "secret": f"secret of {key}"}
        assert browser.post("/console/sign-in", data=fields).status_code == 200
        return browser


@contextmanager
def console_over(directory: Path) -> Iterator[Console]:
    """The console of an embedded StateBag with a worker.

    Args:
        directory: An empty directory.
    """
    with embedded_platform(directory, sweep_interval_seconds=0.25) as platform:
        access = Access(keys=KEYS, identity=Identity(account_id=ACCOUNT, region=REGION))
        pages = console_routes(platform.engine, access)
        with (
            api_over(platform, pages=pages) as api,
            httpx.Client(base_url=api.url, follow_redirects=True, timeout=30) as browser,
        ):
            console = Console(api=api, access=access, browser=browser)
            browser.get("/console/sign-in", params={"token": access.one_time_token()})
            yield console
            console.close()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console, the same for the tests of a module."""
    with console_over(tmp_path_factory.mktemp("console")) as console:
        yield console
