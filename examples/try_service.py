"""Walk every route of a running service with one photo, and print what held.

    python examples/try_service.py photo.jpg [--base http://127.0.0.1:8000] [--key SECRET] [--seconds 30]

Uses only the standard library, so it runs wherever Python does. The exit code is 0 when everything held.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WAIT_SECONDS = 600


@dataclass
class Answer:
    """One answer of the service."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, or an empty object where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


@dataclass
class Walk:
    """Asks the service and keeps score."""

    base: str
    key: str
    failed: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """One request; an error status is an answer like any other."""
        headers = {"Accept": "application/json", **(headers or {})}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.base + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def check(self, what: str, held: bool, detail: object = "") -> None:
        """Print one line of the score."""
        print(f"{'  ok ' if held else 'FAIL '} {what}{f'  ({detail})' if detail != '' else ''}", flush=True)
        if not held:
            self.failed.append(what)

    def wait(self, task_id: str) -> dict[str, Any]:
        """Poll the status until it is final, with a line that shows the progress."""
        deadline = time.monotonic() + WAIT_SECONDS
        highest = -1
        while True:
            status = self.ask("GET", f"/photos/{task_id}/status").json
            if status["progress"] < highest:
                self.check("progress never falls", False, f"{highest} then {status['progress']}")
            highest = max(highest, status["progress"])
            print(f"\r      {status['progress']:3d} %  {status['message']:<60.60}", end="", flush=True)
            if status["status"] in {"done", "error", "cancelled"} or time.monotonic() > deadline:
                print("\r" + " " * 78 + "\r", end="")
                return dict(status)
            time.sleep(0.5)


def multipart(photo: bytes, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """A multipart body with the photo under `file`, as the glasses app sends it."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n'
    parts.append(head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + photo + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def health(walk: Walk) -> None:
    """The routes that tell how the service is."""
    root = walk.ask("GET", "/")
    walk.check(
        "GET / tells health", root.status == 200 and root.json.get("status") == "running", root.json.get("version")
    )
    walk.check("GET / varies by Accept", "accept" in root.headers.get("vary", "").lower())
    page = walk.ask("GET", "/", headers={"Accept": "text/html"})
    walk.check("GET / shows browsers the page", page.headers.get("content-type", "").startswith("text/html"))
    for path in ("/app", "/health", "/health/live", "/health/ready", "/metrics", "/docs", "/openapi.json"):
        answer = walk.ask("GET", path)
        walk.check(f"GET {path}", answer.status == 200, answer.headers.get("content-type", ""))
    walk.check("every answer has a request id", "x-request-id" in root.headers)


def upload(walk: Walk, photo: bytes, seconds: str) -> str:
    """Three bodies, one task."""
    body, headers = multipart(photo, {"seconds": seconds, "duplicate": "allow"})
    began = time.monotonic()
    first = walk.ask("POST", "/photos/upload?duplicate=allow", body, headers)
    taken = time.monotonic() - began
    task_id = str(first.json.get("task_id", ""))
    walk.check("POST /photos/upload (multipart)", first.status == 200 and bool(task_id), f"{taken:.2f} s")
    walk.check("the answer says where to look", "location" in first.headers and "status_url" in first.json)
    raw = walk.ask("POST", f"/photos?seconds={seconds}", photo, {"Content-Type": "image/jpeg"})
    walk.check("POST /photos (raw) knows the same photo again", raw.json.get("duplicate") is True, raw.status)
    as_json = json.dumps({"photo": base64.b64encode(photo).decode(), "seconds": float(seconds)}).encode()
    again = walk.ask("POST", "/upload-photo", as_json, {"Content-Type": "application/json"})
    walk.check("POST /upload-photo (JSON) knows it too", again.json.get("duplicate") is True, again.status)
    return task_id


def refusals(walk: Walk) -> None:
    """What must be refused, and how."""
    cases = {
        "nothing": (b"", "image/jpeg"),
        "text that says it is a JPEG": (b"hello, this is text", "image/jpeg"),
        "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        "broken base64": (b'{"photo": "@@@@"}', "application/json"),
        "JSON without a photo": (b"{}", "application/json"),
        "an unknown content type": (b"x", "application/x-unknown"),
    }
    for name, (body, kind) in cases.items():
        answer = walk.ask("POST", "/photos", body, {"Content-Type": kind})
        held = 400 <= answer.status < 500 and answer.headers.get("content-type") == "application/problem+json"
        walk.check(f"{name} is refused", held, f"{answer.status} {answer.json.get('code')}")
    missing = walk.ask("GET", f"/photos/{uuid.uuid4()}/status")
    walk.check("an unknown task is 404", missing.status == 404, missing.json.get("code"))


def film(walk: Walk, task_id: str) -> None:
    """Everything that a finished task offers."""
    download = walk.ask("GET", f"/photos/{task_id}/download")
    walk.check(
        "GET …/download", download.status == 200 and download.body[4:8] == b"ftyp", f"{len(download.body)} bytes"
    )
    part = walk.ask("GET", f"/photos/{task_id}/download", headers={"Range": "bytes=0-99"})
    walk.check("a range of it", part.status == 206 and len(part.body) == 100, part.headers.get("content-range"))
    head = walk.ask("HEAD", f"/photos/{task_id}/download")
    walk.check("HEAD of it", head.status == 200 and int(head.headers["content-length"]) == len(download.body))
    same = walk.ask("GET", f"/photos/{task_id}/download", headers={"If-None-Match": head.headers.get("etag", "")})
    walk.check("304 when it is known already", same.status == 304)
    for name, kind in (("poster", "image/jpeg"), ("soundtrack", "audio/mpeg"), ("captions.vtt", "text/vtt")):
        answer = walk.ask("GET", f"/photos/{task_id}/{name}")
        walk.check(f"GET …/{name}", answer.status == 200 and answer.headers["content-type"].startswith(kind))
    details = walk.ask("GET", f"/photos/{task_id}").json
    walk.check(
        "GET /photos/{id} tells grid and storyboard", bool(details.get("storyboard")) and bool(details.get("beats"))
    )
    listed = walk.ask("GET", "/photos?limit=5").json
    walk.check("GET /photos lists it", task_id in {video["task_id"] for video in listed["videos"]})
    print(f"      “{details.get('title')}”, words by {details.get('words_by')}, music by {details.get('music_by')}")
    for path in (f"/status/{task_id}", f"/download/{task_id}", "/library", f"/library/{task_id}"):
        walk.check(f"GET {path.replace(task_id, '{id}')} (first version)", walk.ask("GET", path).status == 200)


def main() -> int:
    """Walk, and tell how many checks failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photo", type=Path)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default="")
    parser.add_argument("--seconds", default="30")
    options = parser.parse_args()
    walk = Walk(options.base.rstrip("/"), options.key)
    health(walk)
    refusals(walk)
    task_id = upload(walk, options.photo.read_bytes(), options.seconds)
    early = walk.ask("GET", f"/photos/{task_id}/download")
    walk.check("an unfinished film is 409", early.status == 409, early.json.get("code"))
    status = walk.wait(task_id)
    walk.check("the task ends in done", status["status"] == "done", status.get("error_code") or status["status"])
    if status["status"] == "done":
        film(walk, task_id)
    removed = walk.ask("DELETE", f"/photos/{task_id}")
    gone = walk.ask("GET", f"/photos/{task_id}/status")
    walk.check("DELETE removes it", removed.status in {200, 204} and gone.status == 404)
    print(f"\n{len(walk.failed)} failed" if walk.failed else "\nEverything held.")
    return 1 if walk.failed else 0


if __name__ == "__main__":
    sys.exit(main())
