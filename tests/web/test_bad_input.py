"""What cannot become a film is refused at the door: quickly, clearly, and without a trace."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.waiting import DEADLINE_SECONDS, wait_until
from tests.web.conftest import RunningServer, jpeg

from auratune.web.options import REMAKE_NAMES, RETRY_NAMES, UPLOAD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = jpeg()
MEGABYTE = 1024 * 1024


def huge_png() -> bytes:
    """A PNG of 20000 x 20000 pixels as its header has it, and hardly any bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 60001)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def form(photo: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> dict[str, Any]:
    return {"files": {"file": (name, photo, kind)}}


def raw(body: bytes | str, kind: str) -> dict[str, Any]:
    return {"content": body, "headers": {"content-type": kind}}


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no bytes, as a form": (form(b""), 400, "photo_empty"),
    "no bytes, raw": (raw(b"", "image/jpeg"), 400, "photo_missing"),
    "no bytes, as JSON": ({"json": {"photo": ""}}, 400, "photo_empty"),
    "text named .jpg": (form(b"once upon a time " * 40), 415, "photo_not_an_image"),
    "half a JPEG": (form(GOOD[: len(GOOD) // 2]), 400, "photo_truncated"),
    "a PNG of 400 megapixels": (form(huge_png(), "a.png", "image/png"), 413, "photo_too_many_pixels"),
    "11 MB as a form": (form(b"\xff\xd8" + b"x" * (11 * MEGABYTE)), 413, "photo_too_large"),
    "11 MB raw": (raw(b"\xff\xd8" + b"x" * (11 * MEGABYTE), "image/jpeg"), 413, "photo_too_large"),
    "11 MB as JSON": (
        {"json": {"photo": base64.b64encode(b"x" * (11 * MEGABYTE)).decode()}},
        413,
        "photo_too_large",
    ),
    "an SVG": (form(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg"), 415, "photo_unsupported_format"),
    "broken base64": ({"json": {"photo": "!!!not base64!!!"}}, 400, "bad_base64"),
    "base64 that ends early": ({"json": {"photo": "abcde"}}, 400, "bad_base64"),
    "a data URL without base64": ({"json": {"photo": "data:image/jpeg,abc"}}, 400, "bad_base64"),
    "no photo in JSON": ({"json": {"title": "x"}}, 400, "photo_missing"),
    "a photo that is a number": ({"json": {"photo": 5}}, 400, "photo_missing"),
    "no photo in a form": ({"files": {"other": ("a.txt", b"x")}}, 400, "photo_missing"),
    "two photos in JSON": ({"json": {"photo": "AAAA", "image": "AAAA"}}, 400, "more_than_one_photo"),
    "two photos in a form": (
        {"files": [("file", ("a.jpg", GOOD, "image/jpeg")), ("photo", ("b.jpg", GOOD, "image/jpeg"))]},
        400,
        "more_than_one_photo",
    ),
    "not JSON": (raw(b'{"photo": "AAAA"', "application/json"), 400, "bad_json"),
    "JSON that is a list": (raw(b'["photo"]', "application/json"), 400, "bad_json"),
    "JSON cut off in the photo": (raw(b'{"photo": "AAAA', "application/json"), 400, "bad_json"),
    "JSON nested beyond reason": (raw(b'{"a":' * 5000, "application/json"), 400, "bad_json"),
    "JSON with a book beside the photo": (
        raw(json.dumps({"diary": "x" * 70_000, "photo": "AAAA"}), "application/json"),
        422,
        "too_many_options",
    ),
    "a form cut off before its end": (
        raw(
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + GOOD,
            "multipart/form-data; boundary=b",
        ),
        400,
        "bad_form",
    ),
    "a form without a boundary": (raw(b"x", "multipart/form-data"), 400, "bad_form"),
    "a form that is none": (raw(b"no form at all", "multipart/form-data; boundary=b"), 400, "bad_form"),
    "an unknown Content-Type": (raw(GOOD, "application/octet-stream"), 415, "unsupported_content_type"),
    "no Content-Type": ({"content": GOOD}, 415, "unsupported_content_type"),
    "an unknown shape": ({"json": {"photo": base64.b64encode(GOOD).decode(), "aspect": "7:3"}}, 422, "bad_option"),
}


@pytest.mark.parametrize("fault", BAD)
def test_it_is_refused(common_server: RunningServer, fault: str) -> None:
    server = common_server
    request, status, code = BAD[fault]
    answer = server.client.post("/upload-photo", **request)
    assert_problem(answer, status, code)
    assert not server.tasks.tasks
    assert not server.leftovers()
    assert server.client.get("/health/ready").status_code == 200


def assert_problem(answer: httpx2.Response, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    assert {"type", "title", "detail", "retryable"} <= set(body)


WRONG_OPTIONS = [
    ("aspect", "4:3", "source, 16:9, 9:16, 1:1"),
    ("fps", "23", "24, 25, 30, 60"),
    ("seconds", "120", "between 5 and 60"),
    ("seconds", "NaN", "must be a number"),
    ("captions", "loud", "burned, soft, off"),
    ("music", "spotify", "elevenlabs, lyria, acestep, suno, embedded"),
    ("excerpt", "all", "fast, best"),
    ("instrumental", "perhaps", "true or false"),
    ("title", "x" * 121, "at most 120"),
    ("lyrics", "x" * 4001, "at most 4000"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG_OPTIONS)
def test_a_wrong_option_is_answered_with_what_is_allowed(
    common_server: RunningServer, name: str, value: str, words: str
) -> None:
    server = common_server
    answer = server.client.post("/photos", files={"file": ("a.jpg", GOOD, "image/jpeg")}, data={name: value})
    assert_problem(answer, 422, "bad_option")
    assert words in answer.json()["detail"]
    assert f"`{name}`" in answer.json()["detail"]
    assert value not in answer.json()["detail"].replace(words, "")
    assert not server.leftovers()


PICTURE = {"content": GOOD, "headers": {"content-type": "image/jpeg"}}
FORM = {"files": {"file": ("a.jpg", GOOD, "image/jpeg")}}
TYPOS: dict[str, tuple[str, dict[str, Any], str]] = {
    "in the query": ("/photos?stlye=noir", PICTURE, "`style`"),
    "in the query of a form": ("/upload-photo?aspct=1:1", FORM, "`aspect`"),
    "in a form": ("/photos", {**FORM, "data": {"lyric": "x"}}, "`lyrics`"),
    "in JSON": ("/photos", {"json": {"photo": base64.b64encode(GOOD).decode(), "styl": "noir"}}, "`style`"),
    "in the case": ("/photos?Title=x", PICTURE, "`title`"),
    "with nothing near": ("/photos?zzz=1", PICTURE, "style, aspect,"),
    "in a remake": ("/photos/{task_id}/remake", {"json": {"styl": "noir"}}, "`style`"),
    "in a remake's query": ("/photos/{task_id}/remake?apsect=1:1", {}, "`aspect`"),
    "in a retry": ("/photos/{task_id}/retry", {"json": {"musik": "suno"}}, "`music`"),
}


@pytest.mark.parametrize("place", TYPOS)
def test_an_option_that_is_not_known_is_refused_with_the_nearest_right_name(server: RunningServer, place: str) -> None:
    task_id = server.new_task(seed=7)
    server.tasks.finish(task_id)
    path, request, words = TYPOS[place]
    answer = server.client.post(path.format(task_id=task_id), **request)
    assert_problem(answer, 422, "unknown_option")
    assert words in answer.json()["detail"]
    assert list(server.tasks.tasks) == [task_id]
    assert not server.leftovers()


def test_a_remake_takes_its_options_from_the_query_too(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id)
    assert server.client.post(f"/photos/{task_id}/remake?aspect=7:3").json()["code"] == "bad_option"


def test_the_description_of_the_api_names_every_option_and_no_other(server: RunningServer) -> None:
    document = server.client.get("/openapi.json").json()

    def names(path: str, kind: str) -> set[str]:
        return set(document["paths"][path]["post"]["requestBody"]["content"][kind]["schema"]["properties"])

    assert names("/photos", "application/json") == {*UPLOAD_NAMES, "photo"}
    assert names("/photos", "multipart/form-data") == {*UPLOAD_NAMES, "file"}
    assert names("/photos/{task_id}/remake", "application/json") == set(REMAKE_NAMES)
    assert names("/photos/{task_id}/retry", "application/json") == set(RETRY_NAMES)


def test_numbers_of_thousands_of_digits_are_never_an_error_of_ours(server: RunningServer) -> None:
    task_id = server.new_task()
    server.tasks.finish(task_id)
    nines, base = "9" * 5000, f"/photos/{task_id}"
    many = {
        "range": server.client.get(f"{base}/download", headers={"range": f"bytes={nines}-{nines}"}),
        "suffix": server.client.get(f"{base}/download", headers={"range": f"bytes=-{nines}"}),
        "limit": server.client.get(f"/photos?limit={nines}"),
        "cursor": server.client.get(f"/photos?cursor={nines}"),
        "width": server.client.get(f"{base}/poster?width={nines}"),
        "event": server.client.get(f"{base}/events", headers={"last-event-id": nines}),
        "seconds": server.client.post(f"/photos?seconds={nines}", **PICTURE),
        "fps": server.client.post(f"{base}/remake", content=b'{"fps": %s}' % nines.encode()),
        "seed": server.client.post(f"/photos?seed={nines}", **PICTURE),
        "JSON": server.client.post(
            "/photos",
            content=b'{"seconds": %s, "photo": "%s"}' % (nines.encode(), base64.b64encode(GOOD)),
            headers={"content-type": "application/json"},
        ),
    }
    statuses = {name: answer.status_code for name, answer in many.items()}
    assert all(status < 500 for status in statuses.values()), statuses
    refused = ("limit", "cursor", "seconds", "fps", "seed", "JSON")
    assert all(400 <= statuses[name] < 500 for name in refused), statuses
    head = f"POST /photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: {nines}\r\n\r\n"
    assert server.raw(head.encode()).startswith(b"HTTP/1.1 4")


def test_too_large_a_body_is_stopped_while_it_streams(open_server: Callable[..., RunningServer]) -> None:
    server = open_server(max_file_size=100_000)
    sent = 0

    def endless():
        nonlocal sent
        while sent < 200 * MEGABYTE:
            sent += 65536
            yield b"\xff" * 65536

    with contextlib.suppress(httpx2.HTTPError):
        server.client.post("/photos", content=endless(), headers={"content-type": "image/jpeg"})
    assert sent < 100 * MEGABYTE
    assert not server.leftovers()


def test_a_refusal_reaches_a_client_that_is_still_sending_and_closes_the_line(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auratune.web.middleware._DRAIN_SECONDS", DEADLINE_SECONDS)
    head = b"POST /photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 12000000\r\n\r\n"
    answer = server.raw(head + b"x" * 12_000_000)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert b"photo_too_large" in answer


def test_whoever_asks_for_leave_to_send_too_much_is_told_before_sending(server: RunningServer) -> None:
    answer = server.raw(
        b"POST /photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        b"Content-Length: 99000000\r\nExpect: 100-continue\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer


def test_a_body_that_stops_coming_is_given_up(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auratune.web.middleware._SILENCE_SECONDS", 0.3)
    answer = server.raw(
        b"POST /photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 5000\r\n\r\n\xff\xd8"
    )
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"body_stalled" in answer
    assert not server.leftovers()


def test_a_client_that_hangs_up_leaves_nothing_behind(server: RunningServer) -> None:
    head = b"POST /photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 500000\r\n\r\n"
    server.raw(head + b"\xff\xd8" * 150_000, wait_seconds=0.2)
    wait_until(lambda: not server.leftovers(), "the half of a photo is gone")
    assert not server.tasks.tasks


def test_leftovers_of_a_crash_are_swept_at_the_next_start(
    open_server: Callable[..., RunningServer], tmp_path: Any
) -> None:
    import os

    stale = tmp_path / "data" / "incoming" / "old.part"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"x")
    os.utime(stale, (0, 0))
    open_server()
    assert not stale.exists()


def test_compressed_bodies_are_refused_in_words(server: RunningServer) -> None:
    answer = server.send(io.BytesIO(GOOD).read(), **{"content-encoding": "gzip"})
    assert_problem(answer, 415, "unsupported_content_type")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/photos?q=%00"),
        ("GET", "/photos?origin=a%00b"),
        ("GET", "/photos?maker=%00"),
        ("GET", "/photos/%00/status"),
        ("DELETE", "/photos/0b7e1f5e-6f0a-4b5e-9a51-0d1c6a3f2b11/shares/%00"),
        ("GET", "/s/%00"),
        ("POST", "/photos?title=%00"),
    ],
)
def test_an_address_with_a_zero_byte_is_refused_before_anything_reads_it(
    server: RunningServer, method: str, address: str
) -> None:
    answer = server.client.request(method, address)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "malformed_request"
    assert "zero byte" in answer.json()["detail"]
