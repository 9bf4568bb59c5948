"""The console in a headless Chromium: what people see without loading a page again."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from pipeline.api.authentication import Identity
from pipeline.console.access import Access
from pipeline.console.routes import console_routes
from tests.acceptance.smart_statebag import SmartStateBag, embedded_statebag
from tests.acceptance.workflows import cut_chain, hitp, log
from tests.api_server import ACCOUNT, REGION, api_over
from tests.console_server import Console, console_over
from tests.machines import call, distributed, each, only
from tests.platforms import Platform
from tests.services import absent

ANSWER = '{"status": "RESUMED", "userResponse": {"action": "APPROVED"}}'
PATIENCE_MS = 25_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        absent("Chromium", "there is no command chromium or google-chrome")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as error:
            absent("Chromium", error)
        with closing(browser):
            yield browser


@contextmanager
def signed_in(chromium: Browser, platform: Platform) -> Iterator[Page]:
    """A page of a browser that the printed link has signed in; no script of it may fail."""
    access = Access(keys={}, identity=Identity(account_id=ACCOUNT, region=REGION))
    with api_over(platform, pages=console_routes(platform.engine, access)) as api:
        context: BrowserContext = chromium.new_context(base_url=api.url)
        context.set_default_timeout(PATIENCE_MS)
        with closing(context):
            page = context.new_page()
            failures: list[str] = []
            page.on("pageerror", lambda error: failures.append(str(error)))
            page.goto(f"/console/sign-in?token={access.one_time_token()}")
            yield page
            assert failures == []


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path_factory.mktemp("browser")) as made:
        yield made


def test_a_v3_execution_is_watched_and_its_callback_answered(
    chromium: Browser, statebag: SmartStateBag
) -> None:
    workflow = cut_chain([log("begin", "begun"), hitp("decide"), log("end", "ended")])
    execution = statebag.start("C", workflow, MOCK_MODE="false")
    with signed_in(chromium, statebag.platform) as page:
        page.goto(f"/console/execution?arn={execution.arn}")
        expect(page.get_by_text("has waited for an answer")).to_be_visible(timeout=PATIENCE_MS)
        waiting = page.locator(".graph .state.waiting title")
        expect(waiting).to_contain_text("WaitForHITPCallback", timeout=PATIENCE_MS)
        page.get_by_label("Result (JSON)").fill(ANSWER)
        page.get_by_role("button", name="Send success").click()
        expect(page.get_by_role("status")).to_have_text("The task has its result.")
        # The page follows the execution by itself from here on.
        expect(page.locator("h1 .status")).to_have_text("Succeeded", timeout=PATIENCE_MS)
        expect(page.locator('.graph [data-state="WorkflowSucceeded"] .succeeded')).to_be_visible()
        page.get_by_role("link", name="State bag").click()
        expect(page.get_by_role("heading", name="Pointers")).to_be_visible()
        page.locator('dd a[href*="config"]').click()
        expect(page.locator("pre")).to_contain_text('"nodes"')


def test_a_failed_execution_is_redriven(chromium: Browser, platform_console: Console) -> None:
    platform = platform_console.api.platform
    made = platform.path("log")
    machine = platform_console.machine("redriven", only(call("fail-first"), "Try"))
    arn = platform_console.start(machine, {"log": str(made), "attempts": 2})
    with signed_in(chromium, platform) as page:
        page.goto(f"/console/execution?arn={arn}")
        expect(page.locator("h1 .status")).to_have_text("Failed", timeout=PATIENCE_MS)
        page.locator('[data-state="Try"]').click()
        expect(page.locator("#state .error").first).to_contain_text("NotYet")
        page.get_by_role("button", name="Redrive", exact=True).click()
        expect(page.locator("h1 .status")).to_have_text("Succeeded", timeout=PATIENCE_MS)


def test_the_failed_item_of_a_thousand_is_three_clicks_away(
    chromium: Browser, platform_console: Console
) -> None:
    processor = distributed(
        {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "NumericEquals": 617, "Next": "Break"}],
            "Default": "Done",
        }
    )
    processor["States"] |= {
        "Break": {"Type": "Fail", "Error": "Broken", "Cause": "item 617 is broken"},
        "Done": {"Type": "Succeed"},
    }
    fan = each(processor, ToleratedFailureCount=1, Label="Items")
    machine = platform_console.machine("thousand", only(fan, "Each"))
    arn = platform_console.start(machine, list(range(1000)))
    with signed_in(chromium, platform_console.api.platform) as page:
        page.goto(f"/console/execution?arn={arn}")
        expect(page.locator("h1 .status")).to_have_text("Succeeded", timeout=PATIENCE_MS)
        expect(page.locator(".graph text.badge")).to_have_text("1,000 of 1,000")
        page.locator('[data-state="Each"] .line1').click()
        page.locator("#state").get_by_role("link", name="Map run").click()
        row = page.locator("[data-live=children] tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("item 617 is broken")
        row.get_by_role("link").click()
        expect(page.locator('.graph [data-state="Break"] .failed')).to_be_visible()


def test_the_list_of_executions_follows_what_starts(
    chromium: Browser, platform_console: Console
) -> None:
    machine = platform_console.machine("followed", only({"Type": "Succeed"}, "S"))
    with signed_in(chromium, platform_console.api.platform) as page:
        page.goto(f"/console/executions?machine={machine}")
        expect(page.get_by_text("No execution matches.")).to_be_visible()
        platform_console.start(machine, name="appears")
        expect(page.get_by_role("link", name="appears")).to_be_visible(timeout=PATIENCE_MS)


def test_pages_are_used_with_the_keyboard_and_on_a_narrow_screen(
    chromium: Browser, platform_console: Console
) -> None:
    arn = platform_console.start(
        platform_console.machine("narrow", only({"Type": "Pass", "End": True}, "P"))
    )
    with signed_in(chromium, platform_console.api.platform) as page:
        page.set_viewport_size({"width": 360, "height": 700})
        page.goto(f"/console/execution?arn={arn}")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.locator('[data-state="P"]').focus()
        page.keyboard.press("Enter")
        expect(page.locator("#state-heading")).to_have_text("P")
        widths = "() => [document.documentElement.scrollWidth, window.innerWidth]"
        inside, screen = page.evaluate(widths)
        assert inside <= screen


@pytest.fixture(scope="module")
def platform_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console_over(tmp_path_factory.mktemp("platform")) as console:
        yield console
