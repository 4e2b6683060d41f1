"""The page in a browser: what it transfers, how soon it is there, and how smoothly 2,000 films scroll during events.

The service runs with a task service in memory; its photo is as large as one from glasses.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.service import draw_photo
from playwright.sync_api import Page, expect
from tests.proof.service import report
from tests.waiting import wait_until
from tests.web.browser import open_browser, open_page
from tests.web.conftest import opened

from auratune.core.task import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from tests.web.conftest import RunningServer

LOADS = 5
CARDS = 12
EVENTS_A_SECOND = 20
BUSY_FILMS = 10
LONG_MS = 50.0
WATCH_LOADING = """
window.largest = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) largest = entry.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
"""
WATCH_FRAMES = """
window.frames = [];
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
        const ours = entry.scripts.filter((script) => script.sourceURL.startsWith(location.origin));
        const worst = ours.toSorted((a, b) => b.duration - a.duration)[0];
        const duration = ours.reduce((sum, script) => sum + script.duration, 0);
        if (worst) window.frames.push([duration, `${worst.invoker}, layout ${worst.forcedStyleAndLayoutDuration} ms`]);
    }
}).observe({ type: "long-animation-frame" });
"""


class Transfer:
    """Bytes that a page's requests took on the wire, headers included, by address."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, int] = {}
        self._urls: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on(
            "Network.requestWillBeSent", lambda told: self._urls.update({told["requestId"]: told["request"]["url"]})
        )
        session.on("Network.loadingFinished", self._finished)

    def _finished(self, told: dict[str, Any]) -> None:
        url = self._urls.get(told["requestId"], "")
        self.bytes[url] = self.bytes.get(url, 0) + int(told["encodedDataLength"])


def empty_page(browser: Browser, house: RunningServer) -> tuple[int, float]:
    """Bytes of the page without films, and the median time of its largest paint in seconds, each in a fresh profile."""
    sizes, paints = [], []
    for _ in range(LOADS):
        with open_page(browser, house.address) as page:
            page.add_init_script(WATCH_LOADING)
            transfer = Transfer(page)
            page.goto("/app")
            expect(page.locator("#empty")).to_be_visible()
            wait_until(lambda page=page: page.evaluate("largest"), "the largest paint is known")
            paints.append(page.evaluate("largest") / 1000)
            sizes.append(sum(transfer.bytes.values()))
    # A shared worker's own script is not among a page's requests.
    worker = house.raw(b"GET /static/events_worker.js HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
    return int(median(sizes)) + len(worker), median(paints)


def first_cards(browser: Browser, house: RunningServer) -> tuple[int, float]:
    """Bytes of the pictures of the first cards, and the median time of the largest paint in seconds."""
    sizes, paints = [], []
    for _ in range(LOADS):
        with open_page(browser, house.address) as page:
            page.add_init_script(WATCH_LOADING)
            transfer = Transfer(page)
            page.goto("/app")
            expect(page.locator(".card .still img").first).to_have_js_property("complete", value=True)
            wait_until(lambda page=page: page.evaluate("largest"), "the largest paint is known")
            paints.append(page.evaluate("largest") / 1000)
            card = page.locator(".card").nth(CARDS - 1)
            card.scroll_into_view_if_needed()
            expect(card.locator(".still img")).to_have_js_property("complete", value=True)
            names = page.locator(".card").evaluate_all(f"cards => cards.slice(0, {CARDS}).map(card => card.dataset.id)")
            wait_until(
                lambda page=page, transfer=transfer, names=names: (
                    page.wait_for_timeout(20)
                    or all(any(name in url and "width" in url for url in transfer.bytes) for name in names)
                ),
                "every picture is there",
            )
            sizes.append(sum(n for url, n in transfer.bytes.items() if "width" in url and any(k in url for k in names)))
    return max(sizes), median(paints)


def scrolling(browser: Browser, house: RunningServer, films: int) -> tuple[int, int, list[tuple[float, str]]]:
    """Cards, events told, and the frames with over 50 ms of the page's scripts, while a library scrolls."""
    with open_page(browser, house.address) as page, events(house) as told:
        page.add_init_script(WATCH_FRAMES)
        page.goto("/app")
        expect(page.locator(".card").first).to_be_visible()
        page.mouse.move(600, 500)

        def all_there() -> bool:
            for _ in range(10):
                page.mouse.wheel(0, 900)
                page.wait_for_timeout(16)
            return page.locator(".card").count() >= films

        wait_until(all_there, "every card is there", seconds=200)
        for _ in range(200):
            page.mouse.wheel(0, -1500)
            page.wait_for_timeout(16)
        cards = page.locator(".card").count()
        scripts = page.evaluate("window.frames")
    return cards, told[0], [(float(duration), str(what)) for duration, what in scripts if duration > LONG_MS]


@contextmanager
def events(house: RunningServer) -> Iterator[list[int]]:
    """Let some films tell of their progress all the time; how often they did."""
    busy = list(house.tasks.tasks)[-BUSY_FILMS:]
    told = [0]
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(1 / EVENTS_A_SECOND):
            film = busy[told[0] % len(busy)]
            house.tasks.change(film, status=Status.GENERATING, stage=Stage.COMPOSE, progress=20 + told[0] % 70)
            told[0] += 1

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        yield told
    finally:
        ended.set()
        teller.join()


def glasses(house: RunningServer) -> float:
    """The longest time in seconds in which a photo from glasses is answered with a link."""
    worst = 0.0
    for number in range(LOADS):
        began = time.monotonic()
        answer = house.client.post(
            "/mentra/photo",
            data={"requestId": f"photo-{number}", "type": "photo_upload", "success": "true"},
            files={"photo": ("photo.jpg", draw_photo(100 + number), "image/jpeg")},
        )
        worst = max(worst, time.monotonic() - began)
        assert answer.json()["shareUrl"], answer.text
    return worst


def main() -> int:
    """Run the proof."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--films", type=int, default=2000)
    arguments.add_argument("--json", default="", help="write the table to this file")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as house, open_browser() as browser:
        empty_bytes, empty_paint = empty_page(browser, house)
        task_id = str(house.send(draw_photo(1)).json()["task_id"])
        house.tasks.change(task_id, status=Status.DONE, stage=Stage.FINISHED, progress=100, title="Low Sun")
        house.tasks.multiply(task_id, given.films - 1)
        card_bytes, card_paint = first_cards(browser, house)
        cards, told, long_frames = scrolling(browser, house, given.films)
        answered = glasses(house)
    rows: list[tuple[str, Any, str]] = [
        ("empty page, bytes transferred", empty_bytes, "<= 30720"),
        ("empty page, largest paint after s", round(empty_paint, 3), "<= 0.3"),
        (f"pictures of the first {CARDS} cards, bytes", card_bytes, "<= 409600"),
        ("library, largest paint after s", round(card_paint, 3), "<= 0.3"),
        ("films in the library", cards, f"= {given.films}"),
        ("live events meanwhile", told, ">= 50"),
        ("frames with more than 50 ms of scripts", len(long_frames), "= 0"),
        *((f"a long frame: {what}", round(duration), "") for duration, what in sorted(long_frames)[-3:]),
        ("photo from glasses answered with a link after s", round(answered, 3), "<= 1"),
    ]
    return report("The page", rows, given.json)


if __name__ == "__main__":
    sys.exit(main())
