"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.waiting import DEADLINE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_STILL = "--force-prefers-reduced-motion"
_APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]


def chromium() -> str:
    """Where Chromium is; installed first where that can be done. Skips the test loudly, or fails it where required."""
    found = shutil.which("chromium") or _installed()
    if found:
        return found
    if os.environ.get("AURATUNE_REQUIRE_BROWSER") == "1":
        pytest.fail("AURATUNE_REQUIRE_BROWSER=1, and there is no Chromium")
    pytest.skip("NO BROWSER TEST WAS RUN: there is no Chromium; on Debian, apt-get install chromium")


def _installed() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run([*_APT, *arguments], check=False, capture_output=True, timeout=280, env=environment)
    return shutil.which("chromium")


@contextmanager
def open_browser(*, is_still: bool = False) -> Iterator[Browser]:
    """A browser; in a still one nothing moves or fades, so that whatever is measured is not measured halfway."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *([_STILL] if is_still else [])])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(
    browser: Browser, address: str, *, width: int = 1280, locale: str = "en-US", allowed: tuple[str, ...] = ()
) -> Iterator[Page]:
    """A page in a fresh profile; afterwards nothing may have gone wrong in it, nor been asked of anyone else.

    `allowed` names parts of console messages that the test provokes.
    """
    expect.set_options(timeout=DEADLINE_SECONDS * 1000)
    # "null" leaves it to the browser whether anything moves; by default Playwright lets everything move.
    context = browser.new_context(
        viewport={"width": width, "height": 900}, base_url=address, locale=locale, reduced_motion="null"
    )
    context.set_default_timeout(DEADLINE_SECONDS * 1000)
    page = context.new_page()
    complaints: list[str] = []
    strangers: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("request", lambda request: strangers.append(request.url))
    try:
        yield page
    finally:
        # The event stream would outlive the test's server.
        context.close()
    assert [line for line in complaints if not any(part in line for part in allowed)] == []
    assert [url for url in strangers if not url.startswith((address, "blob:", "data:"))] == []


def scroll_to_the_end(page: Page, count: int) -> None:
    """Scroll down the library until all `count` films are there; it loads more each time its end is seen."""
    expect(page.locator(".card").first).to_be_visible()

    def all_there() -> bool:
        page.locator("#more").scroll_into_view_if_needed()
        return page.locator(".card").count() == count

    wait_until(all_there, "every card is there")
