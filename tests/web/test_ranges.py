"""Parts of a film and conditions for it are answered alike, whether films are in a folder or in a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.backends import BACKENDS, open_backend
from tests.web.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

FILM = bytes(range(256)) * 40
SIZE = len(FILM)


@dataclass(frozen=True)
class FilmServer:
    """A service with one finished film."""

    client: httpx2.Client
    task_id: str


@pytest.fixture(scope="module", params=BACKENDS)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilmServer]:
    folder = tmp_path_factory.mktemp("film")
    with opened(folder, store=open_backend(request.param, folder, database=False).store()) as server:
        task_id = server.new_task()
        server.tasks.finish(task_id, FILM)
        yield FilmServer(server.client, task_id)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=100-", 100, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        ("bytes=-999999", 0, SIZE),
        ("bytes=10-999999", 10, SIZE),
    ],
)
def test_a_part_is_a_206(film: FilmServer, asked: str, start: int, end: int) -> None:
    answer = film.client.get(f"/photos/{film.task_id}/download", headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, FILM[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)


def test_several_parts_come_in_one_body(film: FilmServer) -> None:
    answer = film.client.get(f"/photos/{film.task_id}/download", headers={"range": "bytes=0-9, 100-109, 99999-"})
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert (answer.status_code, kind) == (206, "multipart/byteranges")
    assert len(answer.content) == int(answer.headers["content-length"])
    parts = answer.content.split(f"--{boundary}".encode())
    assert f"Content-Range: bytes 0-9/{SIZE}".encode() in parts[1]
    assert parts[1].endswith(FILM[:10] + b"\r\n")
    assert parts[2].endswith(FILM[100:110] + b"\r\n")
    assert parts[3] == b"--\r\n"


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0"])
def test_a_range_outside_is_a_416_with_the_size(film: FilmServer, asked: str) -> None:
    answer = film.client.get(f"/photos/{film.task_id}/download", headers={"range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes", "bytes=-", "bytes=1-2-3"])
def test_a_range_that_makes_no_sense_is_passed_over(film: FilmServer, asked: str) -> None:
    answer = film.client.get(f"/photos/{film.task_id}/download", headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-10,5-20",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 90, 2)),
        "bytes=" + "9" * 5000 + "-",
        "bytes=0-" + "9" * 5000,
    ],
    ids=["overlapping", "many", "endless start", "endless end"],
)
def test_ranges_that_would_make_a_small_request_cost_much_give_the_whole_film(film: FilmServer, asked: str) -> None:
    answer = film.client.get(f"/photos/{film.task_id}/download", headers={"range": asked})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


def test_a_client_that_has_the_film_is_told_so(film: FilmServer) -> None:
    url = f"/photos/{film.task_id}/download"
    first = film.client.get(url)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    assert tag == '"' + "ab" * 32 + '"'
    for condition in ({"if-none-match": tag}, {"if-none-match": f'"x", W/{tag}'}, {"if-modified-since": date}):
        again = film.client.get(url, headers=condition)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert film.client.get(url, headers={"if-none-match": '"other"', "if-modified-since": date}).status_code == 200


def test_conditions_that_fail_are_a_412(film: FilmServer) -> None:
    url = f"/photos/{film.task_id}/download"
    answer = film.client.get(url, headers={"if-match": '"other"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    past = {"if-unmodified-since": "Thu, 01 Jan 1998 00:00:00 GMT"}
    assert film.client.get(url, headers=past).status_code == 412
    assert film.client.get(url, headers={"if-match": "*"}).status_code == 200


def test_if_range_asks_for_a_part_of_the_same_film_only(film: FilmServer) -> None:
    url = f"/photos/{film.task_id}/download"
    tag = film.client.get(url).headers["etag"]
    same = film.client.get(url, headers={"range": "bytes=0-9", "if-range": tag})
    other = film.client.get(url, headers={"range": "bytes=0-9", "if-range": '"other"'})
    weak = film.client.get(url, headers={"range": "bytes=0-9", "if-range": f"W/{tag}"})
    assert [same.status_code, other.status_code, weak.status_code] == [206, 200, 200]
