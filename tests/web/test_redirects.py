"""Where `STORAGE_REDIRECT` says so, films are sent by the bucket itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.backends import open_backend
from tests.waiting import DEADLINE_SECONDS
from tests.web.conftest import RunningServer, running
from tests.web.fake_task_service import FakeTaskService

from auratune.settings import Settings
from auratune.telemetry import Telemetry
from auratune.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILM = bytes(range(256)) * 40


@pytest.fixture
def open_on_bucket(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """A service whose files are in a bucket."""
    with contextlib.ExitStack() as stack:

        def opened(**choices: object) -> RunningServer:
            folder = tmp_path / "data"
            store = open_backend("cluster", folder, database=False).store()
            settings = Settings(_env_file=None, temp_dir=folder, **choices)
            server = RunningServer("", 0, FakeTaskService(store), folder, None, settings, store, Telemetry())  # type: ignore[arg-type]
            server.port = stack.enter_context(running(create_app(server)))  # type: ignore[arg-type]
            server.address = f"http://127.0.0.1:{server.port}"
            server.client = stack.enter_context(httpx2.Client(base_url=server.address, timeout=DEADLINE_SECONDS))
            return server

        yield opened


@pytest.mark.parametrize("path", ["download", "poster"])
def test_a_film_is_fetched_from_the_bucket_by_a_signed_address(
    open_on_bucket: Callable[..., RunningServer], path: str
) -> None:
    server = open_on_bucket(storage_redirect=True)
    task_id = server.new_task()
    server.tasks.finish(task_id, FILM)
    answer = server.client.get(f"/photos/{task_id}/{path}")
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
    fetched = httpx2.get(answer.headers["location"], timeout=DEADLINE_SECONDS)
    assert fetched.status_code == 200
    assert fetched.content == server.client.get(f"/photos/{task_id}/{path}?attachment=1").content
    if path == "download":
        part = httpx2.get(answer.headers["location"], headers={"range": "bytes=5-9"}, timeout=DEADLINE_SECONDS)
        assert (part.status_code, part.content) == (206, FILM[5:10])


def test_what_is_saved_asked_for_by_head_or_small_is_sent_by_the_service(
    open_on_bucket: Callable[..., RunningServer],
) -> None:
    server = open_on_bucket(storage_redirect=True)
    task_id = server.new_task()
    server.tasks.finish(task_id, FILM)
    saved = server.client.get(f"/photos/{task_id}/download?attachment=1")
    assert (saved.status_code, saved.content) == (200, FILM)
    assert saved.headers["content-disposition"].startswith("attachment")
    assert server.client.head(f"/photos/{task_id}/download").status_code == 200
    assert server.client.get(f"/photos/{task_id}/captions.vtt").text == "WEBVTT\n"
    assert server.client.get(f"/photos/{task_id}/poster?width=160").headers["content-type"] == "image/jpeg"


def test_the_link_of_a_shared_film_leads_to_the_bucket_too_and_pages_allow_it(
    open_on_bucket: Callable[..., RunningServer],
) -> None:
    server = open_on_bucket(storage_redirect=True)
    task_id = server.new_task()
    server.tasks.finish(task_id, FILM)
    link = urlsplit(server.client.post(f"/photos/{task_id}/share").json()["url"]).path
    answer = server.client.get(f"{link}/film.mp4")
    assert answer.status_code == 307
    bucket = "{0.scheme}://{0.netloc}".format(urlsplit(answer.headers["location"]))
    for page in (f"/films/{task_id}", link, f"{link}/player"):
        policy = server.client.get(page).headers["content-security-policy"]
        assert f"media-src 'self' {bucket}" in policy
        assert f"img-src 'self' {bucket}" in policy


def test_without_the_setting_the_service_sends_films_itself(open_on_bucket: Callable[..., RunningServer]) -> None:
    server = open_on_bucket()
    task_id = server.new_task()
    server.tasks.finish(task_id, FILM)
    assert server.client.get(f"/photos/{task_id}/download").content == FILM
    policy = server.client.get(f"/films/{task_id}").headers["content-security-policy"]
    assert "http" not in policy


def test_a_folder_has_no_address_to_redirect_to(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(storage_redirect=True)
    task_id = server.new_task()
    server.tasks.finish(task_id, FILM)
    assert server.client.get(f"/photos/{task_id}/download").content == FILM
