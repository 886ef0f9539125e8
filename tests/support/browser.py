"""A real Chromium for tests: the one that CHROMIUM names or that is on the path, else the one that
`make browser` has unpacked from an npm package."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.support.waiting import HANGS

HOME = Path(__file__).parents[2] / ".venv/browser"
UNPACKED = HOME / "unpacked"
AXE = HOME / "node_modules/axe-core/axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
SOON = HANGS * 1_000  # ms: when to give up, not how long a page may take
# In a container there is neither a sandbox of the kernel's to be had, nor a graphics card.
OPTIONS = ("--no-sandbox", "--disable-gpu")


def on_path() -> str:
    """Empty where there is none."""
    named = os.environ.get("CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, NAMES)), "")


def there() -> bool:
    return AXE.exists() and bool(on_path() or (UNPACKED / "chromium").exists())


@asynccontextmanager
async def opened() -> AsyncIterator[Browser]:
    of_ours = {
        "LD_LIBRARY_PATH": str(UNPACKED / "al2023/lib"),
        "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf"),
    }
    own = on_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=own or UNPACKED / "chromium",
            args=OPTIONS,
            env={**os.environ, **({} if own else of_ours)},
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visit(
    browser: Browser, address: str, *, width: int = 1280, dark: bool = False, forbidden: int = 0
) -> AsyncIterator[Page]:
    """A page, which must log no error, but that so many requests were `forbidden`, refuse nothing
    by its policy, and be of use to everybody: axe finds nothing, and nothing has to be scrolled
    sideways."""
    wrong: list[str] = []
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    context.set_default_timeout(SOON)
    page = await context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    try:
        await page.goto(address)
        yield page
        answers = [each for each in wrong if "the server responded with a status of 403" in each]
        assert (len(answers), len(wrong)) == (forbidden, forbidden), wrong
    finally:
        await context.close()


async def violations(page: Page, *, but: frozenset[str] = frozenset()) -> list[str]:
    """What axe finds of WCAG 2.1 AA, `but` some of its rules, and whether something must be
    scrolled sideways."""
    await page.evaluate(AXE.read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found = await page.evaluate("(rules) => axe.run({ runOnly: rules })", rules)
    said = [
        f"{each['id']}: {each['nodes'][0]['html']}"
        for each in found["violations"]
        if each["id"] not in but
    ]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append("wider than the window")
    return said
