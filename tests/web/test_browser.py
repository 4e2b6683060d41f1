"""The page in a real browser."""

from __future__ import annotations

import base64
import re
import threading
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from tests.pipeline.service import RunningService
from tests.waiting import wait_until
from tests.web.browser import open_page, scroll_to_the_end
from tests.web.conftest import RunningServer, jpeg
from tests.web.film_results import RESULTS, tiny_film

from auratune.core.task import Stage, Status
from auratune.web import addresses
from auratune.web.request_errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auratune.core.task import Submission, Upload

pytestmark = pytest.mark.browser

FILM_SECONDS = 300
TINY_FILM = tiny_film()
LONG_NOTICES = """
    const real = window.setTimeout;
    window.setTimeout = (act, wait, ...rest) => real(act, wait > 5000 ? wait * 1000 : wait, ...rest);
"""
"""Keeps an offer to undo on the page for as long as a test needs, instead of six seconds."""


def drop(page: Page, *photos: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> None:
    """Drop files on the page, as a hand would."""
    transfer = page.evaluate_handle(
        """([texts, name, type]) => {
            const transfer = new DataTransfer();
            for (const text of texts) {
                const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type }));
            }
            return transfer;
        }""",
        [[base64.b64encode(photo).decode() for photo in photos], name, kind],
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
            page.locator(".card .still").click()
            expect(page.locator("#steps li.now")).to_have_count(1)
            expect(page.locator("#palette i").first).to_be_attached(timeout=FILM_SECONDS * 1000)
            video = page.locator("#video")
            expect(page.locator("#download")).to_be_visible(timeout=FILM_SECONDS * 1000)
            video.evaluate("video => video.play()")
            expect(video).to_have_js_property("ended", value=True)
            assert video.evaluate("video => video.error") is None
            assert 4.9 <= video.evaluate("video => video.duration") <= 5.1
            assert video.evaluate("video => video.videoWidth") == 320
            assert page.locator("#lyrics").inner_text().strip()
            with page.expect_download() as download:
                page.locator("#download").click()
            assert download.value.suggested_filename.endswith(".mp4")
            page.get_by_role("button", name="Share").click()
            expect(page.get_by_label("Link to this film")).to_have_value(re.compile("/s/"))
            link = page.get_by_label("Link to this film").input_value()
            page.goto(link)
            expect(page.locator("video")).to_have_js_property("readyState", value=4)
    finally:
        service.stop()


def test_progress_is_shown_as_it_happens(browser: Browser, server: RunningServer) -> None:
    task_id = server.new_task()
    with open_page(browser, server.address) as page:
        page.goto("/app")
        card = page.locator(".card")
        expect(card.locator(".state")).to_have_text("Waiting for its turn · 0 %")
        wait_until(lambda: server.client.get("/health").json()["event_listeners"], "the page listens")
        server.tasks.change(task_id, status=Status.GENERATING, stage=Stage.COMPOSE, progress=31)
        expect(card.locator(".state")).to_have_text("Composing the music · 31 %")
        expect(page).to_have_title("31 % · AuraTune")
        server.tasks.finish(task_id, title="Slow Glass")
        expect(page.get_by_role("link", name="Play Slow Glass")).to_be_visible()
        expect(page.locator("#said")).to_have_text("Slow Glass is ready.")
        expect(page).to_have_title("AuraTune")


def test_without_a_stream_the_page_asks(browser: Browser, server: RunningServer) -> None:
    task_id = server.new_task()
    with open_page(browser, server.address, allowed=("Failed to load resource", "net::ERR_FAILED")) as page:
        page.add_init_script("delete window.SharedWorker")
        page.route("**/events", lambda route: route.abort())
        page.goto("/app")
        expect(page.locator(".card .state")).to_have_text("Waiting for its turn · 0 %")
        server.tasks.change(task_id, status=Status.GENERATING, stage=Stage.WRITE, progress=12)
        expect(page.locator(".card .state")).to_have_text("Writing the words · 12 %")


def test_seven_tabs_share_one_event_stream(browser: Browser, server: RunningServer) -> None:
    task_id = server.new_task()
    with open_page(browser, server.address) as page:
        tabs = [page, *(page.context.new_page() for _ in range(6))]
        for tab in tabs:
            tab.goto("/app")
            expect(tab.locator(".card")).to_have_count(1)
        wait_until(lambda: server.client.get("/health").json()["event_listeners"], "the tabs listen")
        assert server.client.get("/health").json()["event_listeners"] == 1
        server.tasks.change(task_id, status=Status.GENERATING, stage=Stage.COMPOSE, progress=33)
        for tab in tabs:
            expect(tab.locator(".card .state")).to_have_text("Composing the music · 33 %")


def test_a_photo_is_refused_in_plain_words(browser: Browser, server: RunningServer) -> None:
    with open_page(browser, server.address, allowed=("415", "ERR_")) as page:
        page.goto("/app")
        drop(page, b"once upon a time", name="story.txt", kind="text/plain")
        expect(page.get_by_role("alert")).to_contain_text("That is not a picture.")
        drop(page, b"once upon a time", name="story.jpg")
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator(".queued .note")).to_contain_text("not a picture")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        assert not server.tasks.tasks


def test_options_reach_the_service_look_and_music_together(browser: Browser, server: RunningServer) -> None:
    with open_page(browser, server.address, width=390) as page:
        page.goto("/app")
        page.set_input_files("#file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
        page.get_by_role("radio", name="Noir").check()
        page.get_by_role("radio", name="9:16").check()
        page.get_by_text("Your own words and music").click()
        page.get_by_label("Title").fill("Night Ferry")
        page.get_by_label("Lyrics").fill("one\ntwo")
        page.get_by_label("Music").select_option("synthwave")
        page.get_by_label("Captions").select_option("soft")
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator(".card")).to_have_count(1)
        options = server.tasks.uploads[0].options
        assert (options.style, options.format.aspect, options.title) == ("noir, synthwave", "9:16", "Night Ferry")
        assert (options.lyrics, options.format.captions) == ("one\ntwo", "soft")


def test_of_many_photos_none_is_lost_not_even_those_chosen_while_others_are_sent(
    browser: Browser, server: RunningServer
) -> None:
    with open_page(browser, server.address, allowed=("503",)) as page:
        held: list[Route] = []
        page.goto("/app")
        drop(page, jpeg(seed=1), jpeg(seed=2))
        expect(page.locator(".queued")).to_have_count(2)
        page.route("**/photos", lambda route: held.append(route))
        page.get_by_role("button", name="Make 2 films").click()
        wait_until(lambda: page.locator(".queued .meter:visible").count() == 2, "both are being sent")
        drop(page, jpeg(seed=3))
        expect(page.get_by_role("button", name="Make the film")).to_be_visible()
        wait_until(lambda: page.wait_for_timeout(20) or len(held) == 2, "both requests are there")
        held[0].fulfill(status=503, content_type="application/problem+json", body='{"detail": "The service is full."}')
        held[1].continue_()
        expect(page.locator(".queued.bad .note")).to_have_text("The service is full.")
        page.unroute("**/photos")
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator(".queued")).to_have_count(0)
        expect(page.locator(".card")).to_have_count(3)
    assert len(server.tasks.tasks) == 3


def test_a_photo_that_comes_when_too_many_do_is_sent_again_by_itself(
    browser: Browser, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, refused, seen = server.tasks.submit, [], threading.Event()

    def submit_unless_busy(upload: Upload) -> Submission:
        if not seen.is_set():
            refused.append(upload)
            raise TooManyRequests("Too many photos come in.", code="uploads_busy", retry_after_seconds=1)
        return submit(upload)

    monkeypatch.setattr(server.tasks, "submit", submit_unless_busy)
    with open_page(browser, server.address, allowed=("429",)) as page:
        page.goto("/app")
        drop(page, jpeg())
        page.get_by_role("button", name="Make the film").click()
        # It is shown for a second only, so the photo is refused until it was read.
        expect(page.locator(".queued .note")).to_have_text("Waits for its turn")
        assert refused
        seen.set()
        expect(page.locator(".card")).to_have_count(1)
        expect(page.locator(".queued")).to_have_count(0)


def test_a_photo_that_is_too_large_is_made_smaller_first(
    browser: Browser, open_server: Callable[..., RunningServer]
) -> None:
    large = jpeg(1600, 1200)
    server = open_server(max_file_size=len(large) - 1000)
    with open_page(browser, server.address) as page:
        page.goto("/app")
        drop(page, large)
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator(".card")).to_have_count(1)
    assert server.tasks.uploads[0].size_bytes < len(large)


def test_films_are_stopped_remade_and_deleted_with_undo(browser: Browser, server: RunningServer) -> None:
    film, running = server.new_task(1), server.new_task(2)
    server.tasks.finish(film, title="Tide Table")
    with open_page(browser, server.address, allowed=("",)) as page:
        page.add_init_script(LONG_NOTICES)
        page.goto("/app")
        page.get_by_role("button", name=re.compile("^Stop")).click()
        expect(page.locator(".card.lost .state")).to_have_text("Stopped")
        assert server.tasks.tasks[running].status is Status.CANCELLED
        page.get_by_role("button", name=re.compile("^Delete")).click()
        expect(page.locator(".card")).to_have_count(1)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".card")).to_have_count(2)
        assert running in server.tasks.tasks
        page.get_by_role("button", name=re.compile("^Delete")).click()
        page.get_by_role("link", name="Play Tide Table").click()
        wait_until(lambda: running not in server.tasks.tasks, "the deletion is made when the page is left")
        page.get_by_role("button", name="Remake").click()
        page.locator("#remake-form").get_by_label("Vivid").check()
        page.get_by_label("Captions").select_option("soft")
        page.get_by_role("button", name="Make it again").click()
        expect(page.locator("#state")).to_contain_text("Waiting for its turn")
        remade = server.tasks.remade[0]
        assert (remade.style, remade.format.captions) == ("vivid", "soft")
        expect(page.locator("#versions-list").get_by_role("link", name="Play Tide Table")).to_be_visible()
        page.go_back()
        expect(page.locator("#title")).to_have_text("Tide Table")


def test_trying_again_is_offered_only_where_it_can_help(browser: Browser, server: RunningServer) -> None:
    server.tasks.change(server.new_task(1), status=Status.ERROR, title="Lost", retryable=True)
    server.tasks.change(server.new_task(2), status=Status.ERROR, title="Refused", retryable=False)
    with open_page(browser, server.address) as page:
        page.goto("/app")
        expect(page.locator(".card")).to_have_count(2)
        expect(page.get_by_role("button", name="Try again: Lost")).to_be_visible()
        expect(page.get_by_role("button", name="Try again: Refused")).to_have_count(0)
        page.get_by_role("link", name="Refused").click()
        expect(page.get_by_role("button", name="Share")).to_be_visible()
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
        page.go_back()
        page.get_by_role("link", name="Lost").click()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#state")).to_have_text("Waiting for its turn · 0 %")


def test_a_live_event_leaves_a_long_library_where_it_is(browser: Browser, server: RunningServer) -> None:
    first = server.new_task(1)
    server.tasks.multiply(first, 119)
    with open_page(browser, server.address) as page:
        page.goto("/app")
        scroll_to_the_end(page, 120)
        card = page.locator(f".card[data-id='{first}']")
        card.scroll_into_view_if_needed()
        place = "element => element.getBoundingClientRect().top"
        before = card.evaluate(place)
        server.tasks.change(first, status=Status.GENERATING, stage=Stage.COMPOSE, progress=31)
        expect(card.locator(".state")).to_have_text("Composing the music · 31 %")
        assert page.locator(".card").count() == 120
        assert card.evaluate(place) == before


def test_a_search_without_hits_says_so(browser: Browser, server: RunningServer) -> None:
    server.tasks.multiply(server.new_task(1), 6)
    with open_page(browser, server.address) as page:
        page.goto("/app")
        page.get_by_label("Search your films").fill("nothing like it")
        expect(page.locator("#empty-title")).to_have_text("No film matches.")
        page.get_by_label("Search your films").fill("")
        expect(page.locator(".card")).to_have_count(7)


def test_while_the_service_is_away_the_page_says_so_once(browser: Browser, server: RunningServer) -> None:
    server.new_task()
    with open_page(browser, server.address, allowed=("ERR_", "Failed to load")) as page:
        page.add_init_script("delete window.SharedWorker")
        page.goto("/app")
        expect(page.locator(".card")).to_have_count(1)
        page.route(re.compile("/photos|/events"), lambda route: route.abort())
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        expect(page.locator("#offline")).to_be_visible()
        expect(page.locator("#toast")).to_be_hidden()
        page.unroute(re.compile("/photos|/events"))
        page.unroute_all()
        expect(page.locator("#offline")).to_be_hidden()


def test_a_private_studio_asks_for_its_key_until_it_has_one(
    browser: Browser, open_server: Callable[..., RunningServer]
) -> None:
    server = open_server(auratune_api_keys="alice:secret-a,bob:secret-b")
    with open_page(browser, server.address, allowed=("401",)) as page:
        page.goto("/app")
        expect(page.get_by_label("Key")).to_be_focused()
        for _ in range(3):
            page.keyboard.press("Escape")
        expect(page.get_by_label("Key")).to_be_focused()
        assert Axe().run(page).response["violations"] == []
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
        assert page.url == f"{server.address}/app"
        # A link does not change whose library this is without asking.
        for answer, owner in (("dismiss", "alice"), ("accept", "bob")):
            page.once("dialog", lambda dialog, answer=answer: getattr(dialog, answer)())
            page.goto("/app#key=secret-b")
            page.reload()
            expect(page.locator("#owner")).to_have_text(owner)


def test_a_running_film_shows_how_it_is_made(browser: Browser, server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.results[task_id] = RESULTS
    server.tasks.change(
        task_id,
        status=Status.GENERATING,
        stage=Stage.COMPOSE,
        progress=31,
        message="Suno is composing",
        title="Low Sun",
        lyrics="The hills keep the light\nStay a while",
        eta_seconds=42.0,
    )
    with open_page(browser, server.address) as page:
        page.goto(f"/films/{task_id}")
        expect(page.locator("#title")).to_have_text("Low Sun")
        expect(page.locator("#palette i")).to_have_count(3)
        expect(page.locator("#mood")).to_have_text("Mood: bright and calm")
        expect(page.locator("#frames rect.start")).to_have_count(2)
        expect(page.locator("#beats line")).to_have_count(12)
        expect(page.locator("#lyrics li")).to_have_count(2)
        expect(page.locator("#steps li.now")).to_have_text("Composing the music")
        expect(page.locator("#message")).to_have_text("Suno is composing")
        expect(page.locator("#eta")).to_contain_text("seconds left")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#state")).to_have_text("Stopped")
        page.reload()
        expect(page.locator("#state")).to_have_text("Stopped")
        server.tasks.change(task_id, status=Status.GENERATING)
        server.tasks.show_first_cut(task_id, TINY_FILM)
        expect(page.locator("#message")).to_have_text("A first cut can be watched")
        expect(page.locator("#video")).to_have_attribute("src", re.compile("/download.first-cut"))
        expect(page.locator("#video")).to_have_js_property("readyState", value=4)
        page.get_by_role("button", name="Keep this film").click()
        expect(page.locator("#download")).to_be_visible()
        expect(page.locator("#video")).to_have_attribute("src", re.compile("/download$"))


def test_a_share_link_from_the_upload_shows_progress_and_then_the_film(
    browser: Browser, open_server: Callable[..., RunningServer]
) -> None:
    server = open_server(auratune_api_keys="alice:secret-a")
    link = server.send(**{"x-api-key": "secret-a"}).json()["share_url"]
    task_id = next(iter(server.tasks.tasks))
    server.tasks.results[task_id] = RESULTS
    with open_page(browser, server.address) as page:
        page.goto(link)
        expect(page.locator("#state")).to_have_text("Waiting for its turn · 0 %")
        expect(page.locator("#cancel")).to_be_hidden()
        server.tasks.change(task_id, status=Status.GENERATING, stage=Stage.COMPOSE, progress=31)
        expect(page.locator("#state")).to_have_text("Composing the music · 31 %")
        server.tasks.finish(task_id, TINY_FILM, title="Low Sun", lyrics="one", duration_seconds=1.0)
        expect(page.locator("#download")).to_be_visible()
        expect(page.locator("#video")).to_have_attribute("src", re.compile("/s/.*/film.mp4"))
        expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_a_films_page_tells_its_notices_and_shares_its_link_with_a_code_for_a_phone(
    browser: Browser, open_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "lan_address", lambda: "192.168.1.20")
    server = open_server(host="0.0.0.0", auratune_open=True)
    task_id = server.new_task()
    server.tasks.finish(task_id, TINY_FILM, notices=("No font has the sign 𐎀.", "Suno was busy."))
    with open_page(browser, server.address) as page:
        page.goto(f"/films/{task_id}")
        for notice in ("No font has the sign 𐎀.", "Suno was busy."):
            expect(page.locator("#notices")).to_contain_text(notice)
        page.get_by_role("button", name="Share", exact=True).click()
        code = page.get_by_role("img", name="QR code of http://192.168.1.20:8000/s/").first
        expect(code).to_be_visible()
        wait_until(lambda: code.evaluate("image => image.naturalWidth") > 0, "the code is drawn")
    assert server.client.get(f"/photos/{task_id}/status").json()["notices"] == [
        "No font has the sign 𐎀.",
        "Suno was busy.",
    ]


def test_lyrics_and_chapters_seek(browser: Browser, server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.results[task_id] = RESULTS
    server.tasks.finish(
        task_id, TINY_FILM, title="Low Sun", lyrics="one\ntwo", duration_seconds=6.0, words_by="embedded"
    )
    with open_page(browser, server.address) as page:
        # A film that plays on leaves the line again.
        page.add_init_script("HTMLMediaElement.prototype.play = async () => {}")
        page.goto(f"/films/{task_id}")
        video = page.locator("#video")
        expect(video).to_have_js_property("readyState", value=4)
        page.get_by_role("button", name="Stay a while").click()
        expect(page.locator("#lyrics li.now")).to_have_text("Stay a while")
        page.get_by_role("button", name="0:04 Chorus").click()
        wait_until(lambda: video.evaluate("video => video.currentTime") >= 4, "the chapter is reached")
        for name in ("MP3", "LRC", "VTT", "Poster"):
            assert "attachment=1" in (page.get_by_role("link", name=name).get_attribute("href") or "")


def test_an_expired_film_says_so(browser: Browser, server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id, title="Gone")
    link = server.client.post(f"/photos/{task_id}/share").json()["url"]
    server.tasks.expired.add(task_id)
    with open_page(browser, server.address, allowed=("404", "410")) as page:
        page.goto(f"/films/{task_id}")
        expect(page.get_by_role("alert")).to_contain_text("removed after its time")
        expect(page.locator("#screen")).to_be_hidden()
        page.goto(link)
        expect(page.locator("main")).to_contain_text("removed after its time")
        page.goto("/films/00000000-0000-0000-0000-000000000000")
        expect(page.get_by_role("alert")).to_contain_text("no such task")


def test_an_unknown_address_is_a_page_for_people(browser: Browser, server: RunningServer) -> None:
    with open_page(browser, server.address, allowed=("404",)) as page:
        answer = page.goto("/nothing/here")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading")).to_have_text("There is nothing here.")


@pytest.mark.parametrize(("widths", "scheme"), [((768, 390), "dark"), ((1920, 1280), "light")])
def test_it_fits_its_screen_and_breaks_no_rule_of_accessibility(
    browser: Browser, server: RunningServer, widths: tuple[int, int], scheme: str
) -> None:
    film = server.new_task(1)
    server.tasks.results[film] = RESULTS
    server.tasks.finish(
        film, TINY_FILM, title="A very long title that has to find its place on a narrow card", lyrics="a"
    )
    running = server.new_task(2)
    server.tasks.results[running] = RESULTS
    server.tasks.change(server.new_task(3), status=Status.ERROR, error_message="It did not work. Try again.")
    server.tasks.multiply(film, 4)
    shared = server.client.post(f"/photos/{film}/share").json()["url"].removeprefix(server.address)
    with open_page(browser, server.address, allowed=("404",)) as page:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        shown = {
            "/app": ".card",
            f"/films/{film}": "#download",
            f"/films/{running}": "#steps li",
            shared: "#download",
            f"{shared}/player": "video",
            "/operator": "#vendors td",
            "/docs": "details.route",
            "/nothing/here": "h1",
        }
        for path, sign in shown.items():
            page.goto(path)
            expect(page.locator(sign).first).to_be_visible()
            for width in widths:
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") == width
            found = Axe().run(page)
            assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []


def test_theme_and_language_are_remembered_on_every_page(browser: Browser, server: RunningServer) -> None:
    with open_page(browser, server.address) as page:
        page.emulate_media(color_scheme="dark")
        page.goto("/app")
        page.get_by_role("button", name="Light or dark").click()
        page.reload()
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"
        page.goto("/docs")
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"
        page.get_by_label("Language").select_option("de")
        expect(page.locator("html")).to_have_attribute("lang", "de")


def test_the_operator_sees_how_the_service_is(browser: Browser, server: RunningServer) -> None:
    server.tasks.change(
        server.new_task(1), status=Status.ERROR, error_code="provider_busy", error_message="Suno is busy."
    )
    with open_page(browser, server.address) as page:
        page.goto("/operator")
        expect(page.locator("#state")).to_have_text("Ready to work")
        expect(page.locator("#vendors tr")).to_have_count(len(server.client.get("/health").json()["providers"]))
        expect(page.locator("#faults")).to_contain_text("provider_busy")
        server.tasks.can_work = False
        page.reload()
        expect(page.locator("#state")).to_have_text("Cannot work: engine_stopped")
        assert Axe().run(page).response["violations"] == []


def test_the_api_page_draws_every_route(browser: Browser, server: RunningServer) -> None:
    with open_page(browser, server.address) as page:
        page.goto("/docs")
        upload = page.locator("details", has_text="/upload-photo")
        upload.locator("summary").click()
        expect(upload).to_contain_text("application/json")
        expect(upload).to_contain_text("curl -F file=@photo.jpg")
        api = server.client.get("/openapi.json").json()
        count = sum(len(operations) for operations in api["paths"].values())
        assert page.locator("details.route").count() == count


def test_a_photo_dropped_before_the_service_has_greeted_is_not_lost(browser: Browser, server: RunningServer) -> None:
    with open_page(browser, server.address) as page:
        held: list[Route] = []
        page.route("**/session", lambda route: held.append(route))
        with page.expect_request("**/session"):
            page.goto("/app")
        drop(page, jpeg())
        for route in held:
            route.continue_()
        expect(page.get_by_role("button", name="Make the film")).to_be_visible()
        expect(page.get_by_role("radio", name="Noir")).to_be_attached()
