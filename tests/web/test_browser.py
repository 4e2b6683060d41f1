"""The page in a real browser."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.pipeline.service import RunningService
from tests.waiting import wait_until
from tests.web.browser import open_browser, open_page
from tests.web.conftest import House, jpeg

from auratune.core.task import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.browser

FILM_SECONDS = 180


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


def drop(page: Page, photo: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> None:
    """Drop a file on the page, as a hand would."""
    transfer = page.evaluate_handle(
        """([text, name, type]) => {
            const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type }));
            return transfer;
        }""",
        [base64.b64encode(photo).decode(), name, kind],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#finder", event, {"dataTransfer": transfer})


@pytest.mark.slow
def test_a_photo_dropped_on_the_page_ends_as_a_film_that_plays(
    browser: Browser, photo_file: Callable[..., Path], tmp_path: Path
) -> None:
    service = RunningService(tmp_path, {"VIDEO_SHORT_EDGE": "240"})
    service.start()
    try:
        with open_page(browser, f"http://127.0.0.1:{service.port}") as page:
            page.goto("/app")
            expect(page.locator("#empty")).to_be_visible()
            drop(page, photo_file(640, 480).read_bytes())
            page.get_by_role("radio", name="Golden").check()
            page.get_by_role("button", name="Make the film").click()
            meter = page.locator(".card .meter")
            expect(meter).to_have_attribute("aria-valuenow", re.compile(r"[1-9]\d?"))
            play = page.get_by_role("button", name=re.compile("^Play "))
            play.wait_for(timeout=FILM_SECONDS * 1000)
            play.click()
            video = page.locator("#video")
            expect(video).to_have_js_property("ended", value=True)
            assert video.evaluate("video => video.error") is None
            assert 4.9 <= video.evaluate("video => video.duration") <= 5.1
            assert video.evaluate("video => video.videoWidth") == 320
            assert page.locator("#now-lyrics").inner_text().strip()
            with page.expect_download() as download:
                page.locator("#download").click()
            assert download.value.suggested_filename.endswith(".mp4")
            page.get_by_role("button", name="Share").click()
            expect(page.locator("#link-text")).to_have_value(re.compile("/s/"))
            link = page.locator("#link-text").input_value()
            page.goto(link)
            expect(page.locator("video")).to_have_js_property("readyState", value=4)
    finally:
        service.stop()


def test_progress_is_shown_as_it_happens(browser: Browser, house: House) -> None:
    task_id = house.new_task()
    with open_page(browser, house.address) as page:
        page.goto("/app")
        card = page.locator(".card")
        expect(card.locator(".state")).to_have_text("Waiting for its turn · 0 %")
        wait_until(lambda: house.tasks.asked_for_events >= 2, "the page listens")
        house.tasks.change(task_id, status=Status.GENERATING, stage=Stage.COMPOSE, progress=31)
        expect(card.locator(".state")).to_have_text("Composing the music · 31 %")
        expect(page).to_have_title("31 % · AuraTune")
        house.tasks.finish(task_id, title="Slow Glass")
        expect(page.get_by_role("button", name="Play Slow Glass")).to_be_visible()
        expect(page.locator("#said")).to_have_text("Slow Glass is ready.")
        expect(page).to_have_title("AuraTune")


def test_without_a_stream_the_page_asks(browser: Browser, house: House) -> None:
    task_id = house.new_task()
    with open_page(browser, house.address, allowed=("Failed to load resource", "net::ERR_FAILED")) as page:
        page.route("**/events", lambda route: route.abort())
        page.goto("/app")
        expect(page.locator(".card .state")).to_have_text("Waiting for its turn · 0 %")
        house.tasks.change(task_id, status=Status.GENERATING, stage=Stage.WRITE, progress=12)
        expect(page.locator(".card .state")).to_have_text("Writing the words · 12 %")


def test_a_photo_is_refused_in_plain_words(browser: Browser, house: House) -> None:
    with open_page(browser, house.address, allowed=("415", "ERR_")) as page:
        page.goto("/app")
        drop(page, b"once upon a time", "story.txt", "text/plain")
        expect(page.get_by_role("alert")).to_contain_text("That is not a picture.")
        drop(page, b"once upon a time", "story.jpg")
        page.get_by_role("button", name="Make the film").click()
        expect(page.get_by_role("alert")).to_contain_text("not a picture")
        assert not house.tasks.tasks


def test_wishes_reach_the_service(browser: Browser, house: House) -> None:
    with open_page(browser, house.address, width=390) as page:
        page.goto("/app")
        page.set_input_files("#file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
        page.get_by_role("radio", name="Noir").check()
        page.get_by_role("radio", name="9:16").check()
        page.get_by_text("Your own words and music").click()
        page.get_by_label("Title").fill("Night Ferry")
        page.get_by_label("Lyrics").fill("one\ntwo")
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator(".card")).to_have_count(1)
        options = house.tasks.uploads[0].options
        assert (options.style, options.format.aspect, options.title) == ("noir", "9:16", "Night Ferry")
        assert options.lyrics == "one\ntwo"


def test_a_photo_that_is_too_large_is_made_smaller_first(browser: Browser, open_house: Callable[..., House]) -> None:
    large = jpeg(1600, 1200)
    house = open_house(max_file_size=len(large) - 1000)
    with open_page(browser, house.address) as page:
        page.goto("/app")
        drop(page, large)
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator(".card")).to_have_count(1)
    assert house.tasks.uploads[0].size_bytes < len(large)


def test_films_are_remade_stopped_and_thrown_away(browser: Browser, house: House) -> None:
    film, running = house.new_task(1), house.new_task(2)
    house.tasks.finish(film, title="Tide Table")
    with open_page(browser, house.address, allowed=("",)) as page:
        page.goto("/app")
        page.get_by_role("button", name=re.compile("^Stop")).click()
        expect(page.locator(".card.lost .state")).to_have_text("Stopped")
        assert house.tasks.tasks[running].status is Status.CANCELLED
        page.get_by_role("button", name="Play Tide Table").click()
        page.get_by_role("button", name="Remake").click()
        page.locator("#remake-form").get_by_label("Vivid").check()
        page.get_by_role("button", name="Make it again").click()
        expect(page.locator(".card")).to_have_count(3)
        assert house.tasks.remade[0].style == "vivid"
        page.get_by_role("button", name="Play Tide Table").first.click()
        page.get_by_role("button", name="Delete").last.click()
        assert film in house.tasks.tasks
        page.get_by_role("button", name="Delete for good?").click()
        expect(page.locator(".card")).to_have_count(2)
        assert film not in house.tasks.tasks


def test_a_private_studio_asks_for_its_key(browser: Browser, open_house: Callable[..., House]) -> None:
    house = open_house(auratune_api_keys="alice:secret-a")
    with open_page(browser, house.address, allowed=("401",)) as page:
        page.goto("/app")
        page.get_by_label("Key").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("not known here")
        page.get_by_label("Key").fill("secret-a")
        page.keyboard.press("Enter")
        expect(page.locator("#empty")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Key")).to_be_visible()
        page.goto("/app#key=secret-a")
        page.reload()
        expect(page.locator("#empty")).to_be_visible()
        assert page.url == f"{house.address}/app"


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_screen_and_every_control_has_a_name(browser: Browser, house: House, width: int) -> None:
    house.tasks.finish(house.new_task(1), title="A very long title that has to find its place on a narrow card")
    house.new_task(2)
    house.tasks.change(house.new_task(3), status=Status.ERROR, error_message="It did not work. Try again.")
    with open_page(browser, house.address, width=width, allowed=("",)) as page:
        page.goto("/app")
        page.locator(".card").nth(2).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to your films"
        for role in ("button", "link", "radio"):
            for control in page.get_by_role(role).all():
                snapshot = control.aria_snapshot()
                assert '"' in snapshot, snapshot
        page.get_by_role("button", name=re.compile("^Play")).click()
        expect(page.locator("#theatre")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#theatre")).to_be_hidden()
        expect(page.get_by_role("button", name=re.compile("^Play"))).to_be_focused()


def test_the_api_page_draws_every_route(browser: Browser, house: House) -> None:
    with open_page(browser, house.address) as page:
        page.goto("/docs")
        upload = page.locator("details", has_text="/upload-photo")
        upload.locator("summary").click()
        expect(upload).to_contain_text("application/json")
        expect(upload).to_contain_text("curl -F file=@photo.jpg")
        api = house.client.get("/openapi.json").json()
        count = sum(len(operations) for operations in api["paths"].values())
        assert page.locator("details.route").count() == count


def test_a_photo_dropped_before_the_service_has_greeted_is_not_lost(browser: Browser, house: House) -> None:
    with open_page(browser, house.address) as page:
        held: list[Route] = []
        page.route("**/session", lambda route: held.append(route))
        with page.expect_request("**/session"):
            page.goto("/app")
        drop(page, jpeg())
        for route in held:
            route.continue_()
        expect(page.get_by_role("button", name="Make the film")).to_be_visible()
        expect(page.get_by_role("radio", name="Noir")).to_be_attached()
