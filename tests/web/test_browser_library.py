"""The library, the player and the links of the page in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from tests.waiting import wait_until
from tests.web.browser import open_page, scroll_to_the_end
from tests.web.conftest import RunningServer, jpeg
from tests.web.film_results import RESULTS, tiny_film

from auratune.core.task import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.browser

TINY_FILM = tiny_film()


def test_films_are_narrowed_by_look_maker_and_month(browser: Browser, server: RunningServer) -> None:
    first = server.new_task(1)
    server.tasks.multiply(first, 6)
    ids = list(server.tasks.tasks)
    server.tasks.tasks[ids[1]] = replace(server.tasks.tasks[ids[1]], style="noir", words_by="claude", title="Ink")
    older = datetime(2026, 2, 3, tzinfo=UTC)
    server.tasks.tasks[ids[2]] = replace(server.tasks.tasks[ids[2]], created_at=older, title="Frost")
    with open_page(browser, server.address) as page:
        page.goto("/app")
        expect(page.locator(".card")).to_have_count(7)
        page.get_by_label("Look").last.select_option("noir")
        expect(page.locator(".card")).to_have_text([re.compile("Ink")])
        page.reload()
        expect(page.locator(".card")).to_have_count(1)
        expect(page.get_by_label("Look").last).to_have_value("noir")
        page.get_by_label("Look").last.select_option("")
        page.get_by_label("Made by").select_option("claude")
        expect(page.locator(".card")).to_have_text([re.compile("Ink")])
        page.get_by_label("Made by").select_option("")
        expect(page.locator(".card")).to_have_count(7)
        page.get_by_label("Month").select_option(label="February 2026")
        expect(page.locator(".card")).to_have_text([re.compile("Frost")])


def test_remakes_lie_with_the_film_they_come_from(browser: Browser, server: RunningServer) -> None:
    film = server.new_task(1)
    server.tasks.finish(film, title="Low Sun")
    server.new_task(2)
    remakes = [
        server.client.post(f"/photos/{film}/remake", json={"style": look}).json()["task_id"]
        for look in ("noir", "vivid")
    ]
    with open_page(browser, server.address) as page:
        page.goto("/app")
        expect(page.locator(".card")).to_have_count(2)
        group = page.locator(".card").filter(has_text="3 versions")
        expect(group.get_by_role("link")).to_have_count(3)
        server.tasks.finish(remakes[1], title="Low Sun in colour")
        expect(group.get_by_role("link", name="Play Low Sun in colour")).to_be_visible()
        group.get_by_role("link", name="Play Low Sun", exact=True).click()
        expect(page).to_have_url(re.compile(film))
        expect(page.locator("#versions-list a")).to_have_count(2)


def test_who_comes_back_to_a_long_library_finds_the_place(browser: Browser, server: RunningServer) -> None:
    film = server.new_task(1)
    server.tasks.finish(film, title="First of all")
    server.tasks.multiply(film, 119)
    with open_page(browser, server.address) as page:
        page.goto("/app")
        scroll_to_the_end(page, 120)
        card = page.locator(f".card[data-id='{film}'] .still")
        card.scroll_into_view_if_needed()
        place = "element => element.getBoundingClientRect().top"
        before = card.evaluate(place)
        card.click()
        expect(page.locator("#title")).to_have_text("First of all")
        page.go_back()
        expect(page.locator(".card")).to_have_count(120)
        expect(card).to_be_in_viewport()
        wait_until(lambda: abs(card.evaluate(place) - before) < 40, "the card is where it was")


def test_the_page_speaks_the_browsers_language_or_the_chosen_one(browser: Browser, server: RunningServer) -> None:
    film = server.new_task(1)
    notice = "Suno was busy; the built-in composer made the music."
    server.tasks.finish(
        film, TINY_FILM, title="שקיעה", notices=(notice,), words_by="claude", music_by="embedded", size_bytes=1_600_000
    )
    server.tasks.change(server.new_task(2), status=Status.GENERATING, stage=Stage.COMPOSE, progress=31)
    with open_page(browser, server.address, locale="de-AT") as page:
        page.goto("/app")
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(".card .state").first).to_have_text("Musik wird komponiert · 31 %")
        page.goto(f"/films/{film}")
        expect(page.locator("#notices")).to_have_text(
            "Suno war ausgelastet; die Musik kommt vom eingebauten Komponisten."
        )
        expect(page.locator("#facts")).to_contain_text("1,5 MB · Text von Claude, Musik von AuraTune")
        assert page.locator("#title").evaluate("element => getComputedStyle(element).direction") == "rtl"
        page.get_by_label("Sprache").select_option("es")
        expect(page.locator("#notices")).to_contain_text("la música es del compositor integrado")
        page.goto("/app")
        expect(page.get_by_role("heading", name="Tus películas")).to_be_visible()
        drop = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
        page.set_input_files("#file", drop)
        expect(page.get_by_role("alert")).to_contain_text("Eso no es una imagen.")


def test_the_keys_of_the_system_know_the_film(browser: Browser, server: RunningServer) -> None:
    film = server.new_task(1)
    server.tasks.results[film] = RESULTS
    server.tasks.finish(film, TINY_FILM, title="Low Sun", lyrics="one", duration_seconds=6.0)
    with open_page(browser, server.address) as page:
        page.add_init_script(
            "const real = MediaSession.prototype.setActionHandler; window.handlers = {};"
            "MediaSession.prototype.setActionHandler = function (name, act)"
            " { handlers[name] = act; real.call(this, name, act); };"
        )
        page.goto(f"/films/{film}")
        expect(page.locator("#video")).to_have_js_property("readyState", value=4)
        session = page.evaluate(
            "[navigator.mediaSession.metadata.title, navigator.mediaSession.metadata.artwork[0].src]"
        )
        assert session == ["Low Sun", f"{server.address}/photos/{film}/poster"]
        page.evaluate("handlers.seekto({ seekTime: 3 })")
        wait_until(lambda: page.locator("#video").evaluate("video => video.currentTime") == 3, "the film is at 3 s")


def test_other_music_is_asked_for_on_the_page(browser: Browser, open_server: Callable[..., RunningServer]) -> None:
    server = open_server(suno_api_key="canary-suno")
    film = server.new_task(1)
    server.tasks.finish(film, TINY_FILM, title="Low Sun")
    with open_page(browser, server.address) as page:
        page.goto(f"/films/{film}")
        page.get_by_label("Other music by").select_option("suno")
        page.get_by_role("button", name="Compose again").click()
        expect(page.locator("#state")).to_contain_text("Waiting for its turn")
        assert server.tasks.retried_with == "suno"


def test_share_links_are_listed_and_ended(browser: Browser, server: RunningServer) -> None:
    film = server.new_task(1)
    server.tasks.finish(film, TINY_FILM, title="Low Sun")
    with open_page(browser, server.address, allowed=("404", "410")) as page:
        page.goto(f"/films/{film}")
        page.get_by_role("button", name="Share").click()
        links = page.get_by_label("Link to this film")
        expect(links).to_have_count(1)
        page.get_by_role("button", name="Another link").click()
        expect(links).to_have_count(2)
        ended, kept = links.last.input_value(), links.first.input_value()
        page.get_by_role("button", name="End this link").last.click()
        expect(links).to_have_count(1)
        page.goto(ended)
        expect(page.get_by_role("heading")).to_have_text("This film is not showing.")
        page.goto(kept)
        expect(page.locator("#title")).to_have_text("Low Sun")


def test_the_link_that_glasses_are_given_plays_in_a_browser_that_has_no_key(
    browser: Browser, open_server: Callable[..., RunningServer]
) -> None:
    server = open_server(auratune_api_keys="alice:secret-a")
    answer = server.client.post(
        "/mentra/photo",
        data={"requestId": "photo-1", "type": "photo_upload"},
        files={"photo": ("photo.jpg", jpeg(108, 144), "image/jpeg")},
        headers={"authorization": "Bearer secret-a"},
    )
    assert answer.status_code == 200, answer.text
    task_id = next(iter(server.tasks.tasks))
    with open_page(browser, server.address, width=390) as page:
        page.goto(answer.json()["shareUrl"])
        expect(page.locator("#state")).to_have_text("Waiting for its turn · 0 %")
        server.tasks.change(task_id, status=Status.GENERATING, stage=Stage.COMPOSE, progress=31)
        expect(page.locator("#state")).to_have_text("Composing the music · 31 %")
        server.tasks.finish(task_id, TINY_FILM, title="Low Sun", duration_seconds=6.0)
        video = page.locator("#video")
        expect(video).to_have_js_property("readyState", value=4)
        video.evaluate("video => { video.muted = true; return video.play(); }")
        wait_until(lambda: video.evaluate("video => video.currentTime") > 0.2, "the film plays")
