"""Where `STORAGE_REDIRECT` says so, films are sent by the bucket itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.backends import open_backend
from tests.waiting import DEADLINE_SECONDS
from tests.web.conftest import House, running
from tests.web.fake_task_service import FakeTaskService

from auratune.settings import Settings
from auratune.telemetry import Telemetry
from auratune.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILM = bytes(range(256)) * 40


@pytest.fixture
def open_on_bucket(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """A service whose files are in a bucket."""
    with contextlib.ExitStack() as stack:

        def opened(**choices: object) -> House:
            folder = tmp_path / "data"
            store = open_backend("cluster", folder, database=False).store()
            settings = Settings(_env_file=None, temp_dir=folder, **choices)
            house = House("", 0, FakeTaskService(store), folder, None, settings, store, Telemetry())  # type: ignore[arg-type]
            house.port = stack.enter_context(running(create_app(house)))  # type: ignore[arg-type]
            house.address = f"http://127.0.0.1:{house.port}"
            house.client = stack.enter_context(httpx2.Client(base_url=house.address, timeout=DEADLINE_SECONDS))
            return house

        yield opened


@pytest.mark.parametrize("path", ["download", "poster"])
def test_a_film_is_fetched_from_the_bucket_by_a_signed_address(open_on_bucket: Callable[..., House], path: str) -> None:
    house = open_on_bucket(storage_redirect=True)
    task_id = house.new_task()
    house.tasks.finish(task_id, FILM)
    answer = house.client.get(f"/photos/{task_id}/{path}")
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
    fetched = httpx2.get(answer.headers["location"], timeout=DEADLINE_SECONDS)
    assert fetched.status_code == 200
    assert fetched.content == house.client.get(f"/photos/{task_id}/{path}?attachment=1").content
    if path == "download":
        part = httpx2.get(answer.headers["location"], headers={"range": "bytes=5-9"}, timeout=DEADLINE_SECONDS)
        assert (part.status_code, part.content) == (206, FILM[5:10])


def test_what_is_saved_asked_for_by_head_or_small_is_sent_by_the_service(open_on_bucket: Callable[..., House]) -> None:
    house = open_on_bucket(storage_redirect=True)
    task_id = house.new_task()
    house.tasks.finish(task_id, FILM)
    saved = house.client.get(f"/photos/{task_id}/download?attachment=1")
    assert (saved.status_code, saved.content) == (200, FILM)
    assert saved.headers["content-disposition"].startswith("attachment")
    assert house.client.head(f"/photos/{task_id}/download").status_code == 200
    assert house.client.get(f"/photos/{task_id}/captions.vtt").text == "WEBVTT\n"
    assert house.client.get(f"/photos/{task_id}/poster?width=160").headers["content-type"] == "image/jpeg"


def test_the_link_of_a_shared_film_leads_to_the_bucket_too_and_pages_allow_it(
    open_on_bucket: Callable[..., House],
) -> None:
    house = open_on_bucket(storage_redirect=True)
    task_id = house.new_task()
    house.tasks.finish(task_id, FILM)
    link = urlsplit(house.client.post(f"/photos/{task_id}/share").json()["url"]).path
    answer = house.client.get(f"{link}/film.mp4")
    assert answer.status_code == 307
    bucket = "{0.scheme}://{0.netloc}".format(urlsplit(answer.headers["location"]))
    for page in (f"/films/{task_id}", link, f"{link}/player"):
        policy = house.client.get(page).headers["content-security-policy"]
        assert f"media-src 'self' {bucket}" in policy
        assert f"img-src 'self' {bucket}" in policy


def test_without_the_setting_the_service_sends_films_itself(open_on_bucket: Callable[..., House]) -> None:
    house = open_on_bucket()
    task_id = house.new_task()
    house.tasks.finish(task_id, FILM)
    assert house.client.get(f"/photos/{task_id}/download").content == FILM
    policy = house.client.get(f"/films/{task_id}").headers["content-security-policy"]
    assert "http" not in policy


def test_a_folder_has_no_address_to_redirect_to(open_house: Callable[..., House]) -> None:
    house = open_house(storage_redirect=True)
    task_id = house.new_task()
    house.tasks.finish(task_id, FILM)
    assert house.client.get(f"/photos/{task_id}/download").content == FILM
