"""`python -m tests.picture`: docs/page.png, the page of the stack that runs here: light on the left
and dark on the right. Exit code 1 where there is no stack or no Chromium."""

from __future__ import annotations

import asyncio
import sys
from base64 import b64encode
from pathlib import Path

from playwright.async_api import Browser, expect

from services.ctl.local.stack import load_stack, local_folder
from tests.support.browser import SOON, opened, there, visit

PICTURE = Path(__file__).parents[1] / "docs/page.png"
WIDTH, HEIGHT = 1280, 720
DIAGONAL = "polygon(60% 0, 100% 0, 100% 100%, 40% 100%)"
BOTH = f"""<!doctype html><title>both</title>
<style>body {{ margin: 0 }} img {{ position: absolute; left: 0; top: 0; width: {WIDTH}px }}
img + img {{ clip-path: {DIAGONAL} }}</style>"""


DONE = (
    ("Share an observation", "Observation Shared"),
    ("A class answers", "Administration Closed"),
    ("Post progress", "Goal Progress Recorded"),
)


async def shot(browser: Browser, address: str, dark: bool) -> bytes:
    """Once something has passed."""
    async with visit(browser, address, width=WIDTH, dark=dark) as page:
        await page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        await page.emulate_media(reduced_motion="reduce")  # else a row may be on its way
        await page.locator("#caseload > li").first.wait_for()
        for button, event in DONE:
            await page.get_by_role("button", name=button).click()
            passed = page.locator("#events > li").filter(has_text=event)
            await expect(passed.first.locator(".screen")).to_contain_text("on the screen")
        await page.get_by_label("Pause").check()
        return await page.screenshot()


async def picture(address: str) -> bytes:
    expect.set_options(timeout=SOON)
    async with opened() as browser:
        images = [await shot(browser, address, dark) for dark in (False, True)]
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tags = [f'<img src="data:image/png;base64,{b64encode(each).decode()}">' for each in images]
        await page.set_content(BOTH + "".join(tags))
        return await page.screenshot()


def main() -> int:
    stack = load_stack(local_folder())
    if stack is None or not there():
        sys.stderr.write(
            "a picture needs a running stack (make run) and a Chromium (make browser)\n"
        )
        return 1
    PICTURE.write_bytes(asyncio.run(picture(stack.address)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
