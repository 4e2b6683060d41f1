"""Films leave the server whole, in parts, or not at all when the client has them."""

from __future__ import annotations

import html
import io
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from tests.waiting import DEADLINE_SECONDS
from tests.web.conftest import RunningServer, jpeg

from auratune.core.film import PREVIEW_END, preview_prefix
from auratune.core.task import Stage, Status
from auratune.web import tokens

if TYPE_CHECKING:
    from collections.abc import Callable

FILM = bytes(range(256)) * 40
SIZE = len(FILM)


@pytest.fixture
def task_id(server: RunningServer) -> str:
    task_id = server.new_task()
    server.tasks.finish(task_id, FILM, title="Dawn", filename="Dawn über “Rio”.mp4")
    return task_id


def test_a_film_is_shown_in_the_browser_or_saved(server: RunningServer, task_id: str) -> None:
    shown = server.client.get(f"/photos/{task_id}/download")
    assert (shown.status_code, shown.content) == (200, FILM)
    assert shown.headers["content-type"] == "video/mp4"
    assert shown.headers["accept-ranges"] == "bytes"
    assert shown.headers["content-length"] == str(SIZE)
    assert shown.headers["content-disposition"].startswith('inline; filename="Dawn _ber _Rio_.mp4"')
    assert "filename*=UTF-8''Dawn%20%C3%BCber" in shown.headers["content-disposition"]
    saved = server.client.get(f"/photos/{task_id}/download?attachment=1")
    assert saved.headers["content-disposition"].startswith("attachment")


def test_head_tells_the_same_without_the_bytes(server: RunningServer, task_id: str) -> None:
    for kind in ("download", "poster", "captions.vtt"):
        head = server.client.head(f"/photos/{task_id}/{kind}")
        body = server.client.get(f"/photos/{task_id}/{kind}")
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-length", "content-type", "etag", "accept-ranges"):
            assert head.headers[name] == body.headers[name]


def test_what_lies_beside_a_film_has_its_own_type(server: RunningServer, task_id: str) -> None:
    assert server.client.get(f"/photos/{task_id}/poster").headers["content-type"] == "image/jpeg"
    assert server.client.get(f"/photos/{task_id}/captions.vtt").headers["content-type"] == "text/vtt; charset=utf-8"
    missing = server.client.get(f"/photos/{task_id}/soundtrack")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_available")


def test_an_unfinished_film_is_a_409_that_tells_how_far_it_is(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.change(task_id, status=Status.CONVERTING, stage=Stage.RENDER, progress=62)
    answer = server.client.get(f"/photos/{task_id}/download")
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (409, 409, "task_not_finished")
    assert (body["task_status"], body["progress"], body["task_id"]) == ("converting", 62, task_id)


def test_until_there_is_a_poster_the_photo_stands_in(server: RunningServer) -> None:
    task_id = server.new_task()
    answer = server.client.get(f"/photos/{task_id}/poster")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content.startswith(b"\xff\xd8")


def test_unknown_is_404_and_expired_is_410(server: RunningServer, task_id: str) -> None:
    for unknown in ("00000000-0000-0000-0000-000000000000", "nonsense", "..%2f..%2fetc%2fpasswd"):
        assert server.client.get(f"/photos/{unknown}/download").status_code == 404
    server.tasks.expired.add(task_id)
    answer = server.client.get(f"/photos/{task_id}/download")
    assert (answer.status_code, answer.json()["code"]) == (410, "task_expired")


def test_a_film_can_be_watched_while_it_is_drawn(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.change(task_id, status=Status.CONVERTING, stage=Stage.RENDER, progress=50)
    arrived = [threading.Event() for _ in range(3)]

    def draw() -> None:
        pieces = zip((b"first ", b"second ", b"third"), arrived, strict=True)
        for number, (piece, seen_by_the_client) in enumerate(pieces):
            with server.store.create(
                f"{preview_prefix(task_id)}/r1/{number:05d}.mp4", content_type="video/mp4"
            ) as path:
                path.write_bytes(piece)
            # Each piece reaches the client before the next one is written.
            seen_by_the_client.wait(DEADLINE_SECONDS)
        server.store.delete_prefix(preview_prefix(task_id))
        server.tasks.finish(task_id)

    painter = threading.Thread(target=draw)
    painter.start()
    seen = b""
    with server.client.stream("GET", f"/photos/{task_id}/preview") as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
        for piece in answer.iter_raw():
            seen += piece
            for whole, event in zip((b"first ", b"first second ", b"first second third"), arrived, strict=True):
                if seen == whole:
                    event.set()
    painter.join()
    assert seen == b"first second third"
    after = server.client.get(f"/photos/{task_id}/preview")
    assert (after.status_code, after.headers["location"]) == (307, f"/photos/{task_id}/download")


def test_the_preview_of_a_first_cut_ends_while_its_task_still_waits_for_the_song(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.change(task_id, status=Status.GENERATING, stage=Stage.COMPOSE, progress=30)
    assert server.client.get(f"/photos/{task_id}").json()["preview_url"] is None
    for name, piece in (("00000.mp4", b"all of it"), (PREVIEW_END, b"")):
        with server.store.create(f"{preview_prefix(task_id)}/r1/{name}", content_type="video/mp4") as path:
            path.write_bytes(piece)
    address = server.client.get(f"/photos/{task_id}").json()["preview_url"]
    assert server.client.get(address).content == b"all of it"


def test_there_is_no_preview_of_what_is_not_being_drawn(server: RunningServer) -> None:
    task_id = server.new_task()
    assert server.client.get(f"/photos/{task_id}/preview").json()["code"] == "task_not_finished"
    server.tasks.change(task_id, status=Status.ERROR)
    assert server.client.get(f"/photos/{task_id}/preview").status_code == 409


def test_a_share_link_opens_one_film_without_a_key(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys="alice:secret-a")
    key = {"x-api-key": "secret-a"}
    task_id, other = server.new_task(1, **key), server.new_task(2, **key)
    server.tasks.finish(task_id, FILM, title="<b>Dawn</b>")
    early = server.client.post(f"/photos/{other}/share", headers=key).json()["url"]
    assert server.client.get(f"{early}/film").json()["status"] == "uploaded"
    assert "owner" not in server.client.get(f"{early}/film").text
    shared = server.client.post(f"/photos/{task_id}/share", headers=key, json={"days": 1}).json()
    link = shared["url"].removeprefix(server.address)
    assert shared["url"].startswith(f"{server.address}/s/")
    page = server.client.get(link)
    assert page.status_code == 200
    assert "&lt;b&gt;Dawn&lt;/b&gt;" in page.text
    assert "<b>Dawn" not in page.text
    film = server.client.get(f"{link}/film.mp4", headers={"range": "bytes=0-9"})
    assert (film.status_code, film.content) == (206, FILM[:10])
    assert server.client.get(f"{link}/poster.jpg").status_code == 200
    assert f'<meta property="og:image" content="{server.address}{link}/poster.jpg">' in page.text
    player = server.client.get(f"{link}/player")
    assert "frame-ancestors *" in player.headers["content-security-policy"]
    assert "x-frame-options" not in player.headers
    assert page.headers["x-frame-options"] == "DENY"
    assert server.client.get(f"/photos/{task_id}/download").status_code == 401


def test_share_links_are_listed_and_dead_once_they_are_revoked(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(auratune_api_keys="alice:secret-a")
    key = {"x-api-key": "secret-a"}
    task_id = server.new_task(1, **key)
    server.tasks.finish(task_id)
    own = server.client.get("/photos", headers=key).json()["videos"][0]["share_url"]
    made = [server.client.post(f"/photos/{task_id}/share", headers=key).json() for _ in range(2)]
    listed = server.client.get(f"/photos/{task_id}/shares", headers=key).json()["shares"]
    assert [each["url"] for each in listed] == [own, made[0]["url"], made[1]["url"]]
    assert (listed[0]["share_id"], listed[1:]) == ("own", made)
    gone = server.client.delete(f"/photos/{task_id}/shares/{made[0]['share_id']}", headers=key)
    assert gone.status_code == 204
    assert _answers(server, made[0]["url"]) == {410}
    assert server.client.get(f"{made[0]['url']}/film").json()["code"] == "link_revoked"
    assert _answers(server, own) == _answers(server, made[1]["url"]) == {200}
    unknown = server.client.delete(f"/photos/{task_id}/shares/{made[0]['share_id']}", headers=key)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "share_link_not_found")
    assert server.client.delete(f"/photos/{task_id}/shares", headers=key).status_code == 204
    assert _answers(server, own) == _answers(server, made[1]["url"]) == {410}
    fresh = server.client.get(f"/photos/{task_id}", headers=key).json()["share_url"]
    assert fresh != own
    assert server.send(**key).json()["share_url"] == fresh
    assert _answers(server, fresh) == {200}


def _answers(server: RunningServer, link: str) -> set[int]:
    paths = ("", "/player", "/film", "/events", "/film.mp4", "/poster.jpg", "/captions.vtt")
    return {server.client.get(f"{link}{path}", follow_redirects=True).status_code for path in paths}


def test_a_share_link_that_was_altered_or_has_ended_shows_nothing(
    server: RunningServer, task_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = server.client.post(f"/photos/{task_id}/share").json()["url"]
    for position in (-1, -20, -40):
        altered = (
            link[:position] + ("A" if link[position] != "A" else "B") + (link[position + 1 :] if position < -1 else "")
        )
        assert server.client.get(altered).status_code == 404
        assert server.client.get(f"{altered}/film.mp4").status_code == 404
    later = time.time() + 40 * 86400
    monkeypatch.setattr(tokens, "time", SimpleNamespace(time=lambda: later))
    page = server.client.get(link)
    assert (page.status_code, "ended" in page.text) == (410, True)
    assert server.client.get(f"{link}/film.mp4").json()["code"] == "link_expired"


@pytest.mark.parametrize(
    "title", ["<img src=x onerror=alert(1)>", "{title}", "{{ 7 * 7 }}", '" http-equiv="refresh', "{film}"]
)
def test_no_title_is_ever_interpreted(server: RunningServer, title: str) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id, FILM, title=title)
    link = server.client.post(f"/photos/{task_id}/share").json()["url"]
    page = server.client.get(link).text
    assert f"<title>{html.escape(title, quote=True).replace('&quot;', '&#34;')} · AuraTune</title>" in page


def test_thumbnails_are_small_and_of_known_sizes(server: RunningServer) -> None:
    task_id = str(server.send(jpeg(1080, 1440)).json()["task_id"])
    for width in (160, 320, 480):
        answer = server.client.get(f"/photos/{task_id}/poster?width={width}")
        assert Image.open(io.BytesIO(answer.content)).width == width
        assert len(answer.content) <= 30_000
    assert server.client.get(f"/photos/{task_id}/poster?width=5000").status_code == 422
    look = server.client.get(f"/photos/{task_id}/looks/noir")
    assert (look.status_code, look.headers["content-type"]) == (200, "image/jpeg")
    assert server.client.get(f"/photos/{task_id}/looks/nior").status_code == 422


@pytest.mark.parametrize("path", ["download", "poster", "soundtrack", "captions.vtt", "lyrics.lrc"])
def test_every_file_can_be_saved(server: RunningServer, task_id: str, path: str) -> None:
    for ending in (".mp3", ".lrc"):
        with server.store.create(f"output/{task_id}{ending}", content_type="") as draft:
            draft.write_bytes(b"x")
    answer = server.client.get(f"/photos/{task_id}/{path}?attachment=1")
    assert answer.headers["content-disposition"].startswith("attachment")
