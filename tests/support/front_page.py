"""The pages of a local stack, as somebody sees them who types nothing."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from services.assembly.registry import SERVICES
from services.ctl.demo.texts import THEMES
from tests.support.browser import SOON, opened, violations, visit

TITLE = re.compile("|".join(re.escape(theme.title) for theme in THEMES))
FRESH = re.compile(r"^as of \d")
REACHED = re.compile(r"on the screen after \d+ ms")


async def look(address: str, teachers: int) -> None:
    """At the caseload that moves, at what passes, and at the APIs, in light and dark, wide and
    narrow. Raises AssertionError."""
    expect.set_options(timeout=SOON)
    async with opened() as browser:
        async with visit(browser, address) as page:
            await expect(page.locator("#caseload > li")).to_have_count(teachers)
            titled = page.locator("#caseload .goals > li").filter(has_text=TITLE)
            await expect(titled.first).to_be_visible()
            await expect(page.locator("#as-of")).to_have_text(FRESH)
            await expect(page.locator("#events-title ~ .none")).to_be_visible()
            assert not (wrong := await violations(page)), wrong
            await _work(page)
        async with visit(browser, address, forbidden=1) as page:
            await _program(page)
        for width, dark in ((320, False), (1280, True)):
            await _all_pages(browser, address, width, dark, teachers)
        async with visit(browser, f"{address}/docs") as page:
            await _send(page)


async def let_work(address: str) -> None:
    """Everybody at once: what becomes of whom is left to chance."""
    async with opened() as browser, visit(browser, address) as page:
        await page.get_by_role("button", name="Let the district work").click()
        await expect(page.locator("#said")).to_contain_text("0 errors", timeout=SOON)


async def _work(page: Page) -> None:
    """What is done passes as an event, and is on the screen; the order follows."""
    for button, event in (
        ("Post progress", "Goal Progress Recorded"),
        ("A class answers", "Administration Closed"),
    ):
        await page.get_by_role("button", name=button).click()
        passed = page.locator("#events > li").filter(has_text=event)
        await expect(passed.first.locator(".screen")).to_have_text(REACHED)
    await expect(page.locator("#events-title ~ .none")).to_be_hidden()
    unseen = page.locator(".teacher").filter(has_text="not observed").first
    teacher = await unseen.get_attribute("data-teacher")
    place = await _place(page, teacher)
    await page.get_by_role("button", name="Share an observation").focus()
    await page.keyboard.press("Enter")
    passed = page.locator("#events > li").filter(has_text="Observation Shared")
    await expect(passed.first.locator(".screen")).to_have_text(REACHED)
    row = page.locator(f"[data-teacher={teacher}]")
    await expect(row).not_to_contain_text("not observed")
    await expect(page.locator("#caseload > li").nth(place)).not_to_have_attribute(
        "data-teacher", str(teacher)
    )
    await page.get_by_label("Teacher", exact=True).check()
    await expect(page.locator("#who")).to_have_text("teacher-0001")
    await expect(page.get_by_role("button", name="Share an observation")).to_be_hidden()
    await expect(page.get_by_role("button", name="Post progress")).to_be_visible()
    await expect(page.locator("#caseload > li")).to_have_count(1)
    await expect(page.locator("#as-of")).to_have_text(FRESH)
    assert not (wrong := await violations(page)), wrong


async def _program(page: Page) -> None:
    """A partner's program reads what its scopes open; what they do not is refused by its name."""
    said = page.locator("#partner-said")
    await page.get_by_text("Act as a partner's program").click()
    await page.get_by_role("button", name="Read a teacher's goals").click()
    await expect(said).to_contain_text(re.compile(r"200, \d+ goals"))
    await page.get_by_role("button", name="Read her observations").click()
    await expect(said).to_have_text("403 scope_missing: This needs the scope observations.read.")
    assert not (wrong := await violations(page)), wrong
    await page.get_by_label("observations.read").check()
    await page.get_by_role("button", name="Read her observations").click()
    await expect(said).to_contain_text(re.compile(r"200, \d+ observations"))


async def _place(page: Page, teacher: str | None) -> int:
    shown = page.locator("#caseload > li")
    found = [await row.get_attribute("data-teacher") for row in await shown.all()]
    return found.index(teacher)


async def _all_pages(browser: Browser, address: str, width: int, dark: bool, teachers: int) -> None:
    async with visit(browser, address, width=width, dark=dark) as page:
        await expect(page.locator("#caseload > li")).to_have_count(teachers)
        assert not (wrong := await violations(page)), wrong
    for name in ("errors", "events", "surveys/docs", "docs"):
        async with visit(browser, f"{address}/{name}", width=width, dark=dark) as page:
            await expect(page.locator("h1")).to_be_visible()  # a program makes some of them
            if name == "docs":
                await expect(page.locator(".opblock-tag")).to_have_count(len(SERVICES))
            assert not (wrong := await violations(page)), wrong


async def _send(page: Page) -> None:
    """An operation is found by its name, and a click sends it as the coach."""
    await page.get_by_placeholder("Filter by tag").fill("get_own_caseload")
    await expect(page.locator(".opblock")).to_have_count(0)  # until its service is opened
    await page.locator(".opblock-tag").click()
    await expect(page.locator(".opblock")).to_have_count(1)
    await page.locator(".opblock-summary-control").click()
    await page.get_by_role("button", name="Execute").click()
    await expect(page.locator(".live-responses-table .response-col_status").last).to_have_text(
        re.compile("200")
    )
