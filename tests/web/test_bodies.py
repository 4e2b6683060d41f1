"""Photos arrive in three bodies."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import textwrap
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import RunningServer, jpeg

if TYPE_CHECKING:
    from collections.abc import Callable

PHOTO = jpeg()
HASH = hashlib.sha256(PHOTO).hexdigest()
TEXT = base64.b64encode(PHOTO).decode()
FORMS = {
    "plain": TEXT,
    "url-safe": base64.urlsafe_b64encode(PHOTO).decode(),
    "unpadded": TEXT.rstrip("="),
    "line-wrapped": "\n".join(textwrap.wrap(TEXT, 76)),
    "windows lines": "\r\n".join(textwrap.wrap(TEXT, 64)) + "\r\n",
    "data URL": f"data:image/jpeg;base64,{TEXT}",
    "data URL with a name": f"DATA:image/jpeg;name=a.jpg;BASE64,{TEXT}",
    "surrounded by space": f"  {TEXT}\t",
}


@pytest.mark.parametrize("form", FORMS)
def test_json_takes_base64_in_every_form(server: RunningServer, form: str) -> None:
    answer = server.client.post("/upload-photo", json={"photo": FORMS[form], "style": "golden"})
    assert answer.status_code == 200, answer.text
    assert server.tasks.uploads[0].content_hash == HASH
    assert server.tasks.uploads[0].size_bytes == len(PHOTO)
    assert server.tasks.uploads[0].options.style == "golden"


@pytest.mark.parametrize(
    "field", ["photo", "image", "photo_base64", "image_base64", "photo_data", "image_data", "data"]
)
def test_json_takes_the_photo_under_every_name_that_clients_use(server: RunningServer, field: str) -> None:
    answer = server.client.post("/upload-photo", json={"title": "Dawn", field: TEXT, "instrumental": True})
    assert answer.status_code == 200, answer.text
    upload = server.tasks.uploads[0]
    assert (upload.content_hash, upload.options.title, upload.options.instrumental) == (HASH, "Dawn", True)


def test_json_may_escape_slashes_and_signs(server: RunningServer) -> None:
    escaped = TEXT.replace("/", "\\/").replace("+", "\\u002b").replace("=", "\\u003D")
    body = '{"ph\\u006fto": "' + escaped + '", "lyrics": "one \\"two\\"\\nthree"}'
    answer = server.client.post("/photos", content=body, headers={"content-type": "application/json; charset=utf-8"})
    assert answer.status_code == 200, answer.text
    assert server.tasks.uploads[0].content_hash == HASH
    assert server.tasks.uploads[0].options.lyrics == 'one "two"\nthree'


@pytest.mark.parametrize("field", ["file", "photo", "image"])
def test_a_form_takes_a_file_and_its_fields(server: RunningServer, field: str) -> None:
    answer = server.client.post(
        "/photos/upload",
        files={field: ("photo_1717.jpg", PHOTO, "image/jpeg")},
        data={"aspect": "9:16", "seconds": "12", "fps": "24", "captions": "off", "letterbox": "true"},
    )
    assert answer.status_code == 200, answer.text
    upload = server.tasks.uploads[0]
    assert (upload.content_hash, upload.filename) == (HASH, "photo_1717.jpg")
    form = upload.options.format
    assert (form.aspect, form.length_seconds, form.fps, form.captions, form.letterbox) == ("9:16", 12, 24, "off", True)


def test_a_body_may_be_the_photo_itself_with_options_in_the_query(server: RunningServer) -> None:
    answer = server.client.post(
        "/photos?style=noir&title=Night&excerpt=best&music=embedded&filename=night.jpg",
        content=PHOTO,
        headers={"content-type": "image/jpeg"},
    )
    assert answer.status_code == 200, answer.text
    upload = server.tasks.uploads[0]
    options = upload.options
    assert upload.content_hash == HASH
    assert (options.style, options.title, options.excerpt, options.music) == ("noir", "Night", "best", "embedded")
    assert upload.filename == "night.jpg"


def test_the_answer_is_what_existing_clients_read(server: RunningServer) -> None:
    answer = server.send()
    body = answer.json()
    task_id = body["task_id"]
    assert answer.status_code == 200
    assert answer.headers["location"] == f"/photos/{task_id}"
    assert body == {
        "task_id": task_id,
        "status": "uploaded",
        "message": body["message"],
        "status_url": f"/photos/{task_id}/status",
        "download_url": f"/photos/{task_id}/download",
        "share_url": body["share_url"],
    }
    assert body["share_url"].startswith(f"{server.address}/s/")
    assert server.client.get(body["status_url"]).status_code == 200


def test_the_same_photo_sent_twice_is_one_task(server: RunningServer) -> None:
    first, second = server.send(), server.send()
    assert second.json()["task_id"] == first.json()["task_id"]
    assert second.json()["duplicate"] is True
    third = server.client.post("/photos?duplicate=allow", content=jpeg(), headers={"content-type": "image/jpeg"})
    assert third.json()["task_id"] != first.json()["task_id"]


def test_an_idempotency_key_belongs_to_one_body(server: RunningServer) -> None:
    headers = {"idempotency-key": "k1"}
    first = server.send(jpeg(seed=1), **headers).json()["task_id"]
    assert server.send(jpeg(seed=1), **headers).json()["task_id"] == first
    other = server.send(jpeg(seed=2), **headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("extra", [0, 1])
def test_the_size_limit_counts_the_photo_and_not_its_wrapping(
    open_server: Callable[..., RunningServer], extra: int
) -> None:
    server = open_server(max_file_size=len(PHOTO) - extra)
    bodies = [
        {"json": {"photo": TEXT}},
        {"files": {"file": ("a.jpg", PHOTO, "image/jpeg")}},
        {"content": PHOTO, "headers": {"content-type": "image/jpeg"}},
    ]
    expected = 413 if extra else 200
    assert [server.client.post("/photos", **body).status_code for body in bodies] == [expected] * 3
    assert not server.leftovers()


def test_chunked_bodies_are_read_too(server: RunningServer) -> None:
    def pieces():
        stream = io.BytesIO(json.dumps({"photo": TEXT, "title": "x"}).encode())
        while piece := stream.read(97):
            yield piece

    answer = server.client.post("/photos", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    assert server.tasks.uploads[0].content_hash == HASH
