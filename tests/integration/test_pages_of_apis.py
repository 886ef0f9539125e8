"""The pages that show the APIs, in a real Chromium: that of a service, which production has, and
that of all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import CDPSession, Page, expect

from services.assembly.registry import SERVICES
from tests.component.test_gateway_reference import DOCUMENTED
from tests.support.browser import SOON, opened, there, violations, visit
from tests.support.filled import Filled
from tests.support.gateways import gateway, served

SIZES = [(320, False), (1280, True)]
# What Swagger UI does within an operation, and no setting of it changes.
ITS_OWN = frozenset({"color-contrast", "nested-interactive", "scrollable-region-focusable"})


async def row(page: Page, block: str, name: str) -> str:
    """The cell after that of a field or parameter of a block, as it is read."""
    named = page.locator(f"#{block} tr").filter(has=page.get_by_text(name, exact=True))
    return " ".join(" ".join(await named.locator("td").all_inner_texts()).split())


@pytest.mark.parametrize(("width", "dark"), SIZES)
async def test_the_page_of_a_service(width: int, dark: bool) -> None:
    if not there():  # `make` says so where none could be had
        return
    expect.set_options(timeout=SOON)
    async with served(Filled().services["goals"].app) as port, opened() as browser:
        address = f"http://127.0.0.1:{port}/goals/docs#draft_goal"
        async with visit(browser, address, width=width, dark=dark) as page:
            block = page.locator("#draft_goal")
            await expect(block).to_have_attribute("open", "")  # since the address names it
            target = await row(page, "draft_goal", "target")
            assert "number from -1000000000, to 1000000000 such as 60 required" in target
            assert "invalid_request" not in target
            await expect(block).to_contain_text(re.compile("422.*idempotency_key_reused"))
            assert not (wrong := await violations(page)), wrong
            await block.get_by_role("link", name="Direction").click()
            words = page.locator("#schema-Direction td")
            await expect(words).to_have_text(['"increase"', '"decrease"'])
            await page.locator("#edit_goal > summary").click()
            await expect(page.locator("#edit_goal pre")).to_contain_text("Idempotency-Key")
            assert not (wrong := await violations(page)), wrong


@pytest.mark.parametrize(("width", "dark"), SIZES)
async def test_the_page_of_all_apis(width: int, dark: bool, tmp_path: Path) -> None:
    if not there():
        return
    expect.set_options(timeout=SOON)
    (tmp_path / "districts.yaml").write_text("districts: {}\n")
    async with (
        gateway(DOCUMENTED, tmp_path) as client,
        opened() as browser,
        visit(browser, f"{client.base_url}/docs", width=width, dark=dark) as page,
    ):
        await expect(page.locator(".opblock-tag")).to_have_count(len(SERVICES))
        assert not (wrong := await violations(page)), wrong
        await page.get_by_placeholder("Filter by tag").fill("draft_goal")
        await page.locator(".opblock-tag").first.click()
        await page.locator(".opblock-summary-control").first.click()
        await expect(page.get_by_label("Body")).to_be_visible()
        assert not (wrong := await violations(page, but=ITS_OWN)), wrong


async def test_the_page_of_all_apis_does_no_more_than_it_shows(tmp_path: Path) -> None:
    """Counted in calls of functions, which are the same on a busy machine: 500 operations are
    read, and none is made anew before it is opened."""
    if not there():
        return
    expect.set_options(timeout=SOON)
    (tmp_path / "districts.yaml").write_text("districts: {}\n")
    async with (
        gateway(DOCUMENTED, tmp_path) as client,
        opened() as browser,
        visit(browser, "about:blank") as page,
    ):
        counting = await page.context.new_cdp_session(page)
        await counting.send("Profiler.enable")
        await counting.send("Profiler.startPreciseCoverage", {"callCount": True})
        await page.goto(f"{client.base_url}/docs")
        await expect(page.locator(".opblock-tag")).to_have_count(len(SERVICES))
        assert await _calls(counting) < 60_000_000
        await page.get_by_placeholder("Filter by tag").fill("draft_goal")
        await page.locator(".opblock-tag").first.click()
        await page.locator(".opblock-summary-control").first.click()
        await expect(page.get_by_label("Body")).to_be_visible()
        assert await _calls(counting) < 10_000_000


async def _calls(counting: CDPSession) -> int:
    """Since it was asked last."""
    taken = await counting.send("Profiler.takePreciseCoverage")
    functions = (each for script in taken["result"] for each in script["functions"])
    return sum(each["ranges"][0]["count"] for each in functions)
