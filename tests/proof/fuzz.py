"""Fuzz: broken pictures and broken bodies; nothing may end the service, hang it, or make it answer 5xx."""

from __future__ import annotations

import argparse
import io
import itertools
import json
import random
import struct
import sys
import threading
import time
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
from PIL import Image
from tests.conftest import paint
from tests.proof.service import PeakWatch, ProofService, report, running_service

if TYPE_CHECKING:
    from collections.abc import Iterable

AT_ONCE = 2
"""A sender may have two photos on their way in, however busy the machine is."""
PAUSE_SECONDS = 0.6
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
SLOWEST_SECONDS = 10.0
BODY_KINDS = ("application/json", "multipart/form-data; boundary=cut", "image/jpeg", "text/plain", "")


def main() -> int:
    """Run the proof."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--images", type=int, default=20_000)
    arguments.add_argument("--bodies", type=int, default=5_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", default="", help="write the table to this file")
    given = arguments.parse_args()
    dice = random.Random(given.seed)
    with running_service(
        RATE_LIMIT=100_000, LOG_LEVEL="ERROR", MAX_CONCURRENT_TASKS=1, VIDEO_SHORT_EDGE=120
    ) as service:
        _send(service, [(_mutated(_picture(dice), dice), "image/jpeg") for _ in range(20)])
        memory = service.memory_mb()
        with PeakWatch(service) as decoders:
            images = _send(service, ((_mutated(_picture(dice), dice), "image/jpeg") for _ in range(given.images)))
            bombs = _send(service, ((bomb, "image/png") for bomb in _bombs()))
        bodies = _send(service, ((_body(dice), dice.choice(BODY_KINDS)) for _ in range(given.bodies)))
        rows: list[tuple[str, Any, str]] = [
            (f"{what}: {name}", measured, limit)
            for what, answers in (("images", images), ("bombs", bombs), ("bodies", bodies))
            for name, measured, limit in _rows(answers)
        ]
        rows += [
            ("largest child MB", round(decoders.peak_mb), "<= 512"),
            ("service is alive", int(service.is_alive()), "= 1"),
            ("service grew by MB", round(service.memory_mb() - memory, 1), "<= 20"),
            ("tracebacks in the log", service.tracebacks(), "= 0"),
        ]
    return report("Fuzz", rows, given.json)


def _rows(answers: list[tuple[int, float]]) -> list[tuple[str, Any, str]]:
    statuses = Counter(status for status, _ in answers)
    return [
        ("sent", len(answers), ""),
        ("answers", " ".join(f"{status}×{count}" for status, count in sorted(statuses.items())), ""),
        ("5xx but 503", sum(count for status, count in statuses.items() if status >= 500 and status != 503), "= 0"),
        ("slowest s", round(max((seconds for _, seconds in answers), default=0.0), 2), f"<= {SLOWEST_SECONDS:g}"),
    ]


def _send(service: ProofService, bodies: Iterable[tuple[bytes, str]]) -> list[tuple[int, float]]:
    """Post each body, a few at once; (status, seconds) of each. What was accepted is deleted at once."""
    answers: list[tuple[int, float]] = []
    waiting, lock = iter(bodies), threading.Lock()

    def work() -> None:
        with httpx2.Client(base_url=service.address, timeout=60) as client:
            while True:
                with lock:
                    body, kind = next(waiting, (None, ""))
                if body is None:
                    return
                answer, began = None, 0.0
                while answer is None or answer.status_code == httpx2.codes.TOO_MANY_REQUESTS:
                    # Refused for others' sake, it has not been decoded: it comes again.
                    time.sleep(0 if answer is None else PAUSE_SECONDS)
                    began = time.monotonic()
                    answer = client.post("/photos", content=body, headers={"content-type": kind} if kind else {})
                answers.append((answer.status_code, time.monotonic() - began))
                if answer.status_code == httpx2.codes.OK:
                    client.delete(f"/photos/{answer.json()['task_id']}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(work) for _ in range(AT_ONCE)]:
            done.result()
    return answers


def _picture(dice: random.Random) -> bytes:
    picture = io.BytesIO()
    size = dice.choice(((64, 48), (160, 120), (33, 200)))
    paint(*size, seed=dice.randrange(1000)).save(picture, dice.choice(FORMATS))
    return picture.getvalue()


def _mutated(data: bytes, dice: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(dice.choice((1, 2, 8, 64))):
        at = dice.randrange(len(broken))
        way = dice.randrange(4)
        if way == 0:
            broken[at] ^= 1 << dice.randrange(8)
        elif way == 1:
            broken[at : at + 4] = dice.randbytes(4)
        elif way == 2 and len(broken) > 64:
            del broken[at : at + dice.randrange(1, 32)]
        else:
            broken[at:at] = broken[at : at + dice.randrange(1, 32)]
    return bytes(broken[: dice.randrange(len(broken)) + 1] if dice.random() < 0.2 else broken)


def _bombs() -> list[bytes]:
    """Small files of many pixels: below the limit, above it, far above it, and some that only say so."""
    bombs = []
    for form, megapixels in itertools.product(("PNG", "GIF", "JPEG", "WEBP"), (20, 40, 59, 61, 70)):
        edge = int((megapixels * 1e6) ** 0.5)
        picture = io.BytesIO()
        Image.new("RGB" if form in {"JPEG", "WEBP"} else "L", (edge, edge), 90).save(picture, form)
        bombs.append(picture.getvalue())
    bombs += [_header_only(mode, edge) for mode in (0, 2, 3, 4, 6) for edge in (7000, 9000, 40_000, 2**30, 2**31 - 1)]
    bombs += [_many_scans(scans, edge) for scans in (200, 2000, 20_000, 60_000, 200_000) for edge in (64, 512, 2000)]
    bombs += [_many_frames(form, frames) for form in ("GIF", "PNG") for frames in (50, 200, 400, 800, 1600)]
    return bombs


def _header_only(mode: int, edge: int) -> bytes:
    """A PNG that says how large it is and ends soon after."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", edge, edge, 8, mode, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _many_scans(scans: int, edge: int) -> bytes:
    """A progressive JPEG that refines the same coefficients again and again."""
    picture = io.BytesIO()
    Image.new("L", (edge, edge), 90).save(picture, "JPEG", progressive=True)
    data = picture.getvalue()
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * min(scans, 4_000_000 // max(1, len(data) - start)) + b"\xff\xd9"


def _many_frames(form: str, frames: int) -> bytes:
    picture = io.BytesIO()
    pages = [Image.new("L", (300, 300), number % 256) for number in range(frames)]
    pages[0].save(picture, form, save_all=True, append_images=pages[1:])
    return picture.getvalue()


def _body(dice: random.Random) -> bytes:
    whole = dice.choice(
        (
            json.dumps({"photo": "QUJD", "style": "golden", "seconds": 5, "fps": 24}).encode(),
            b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nABC\r\n--cut--\r\n',
            b'{"photo": ' + b"[" * dice.randrange(2000),
            dice.randbytes(dice.randrange(1, 4000)),
        )
    )
    return _mutated(whole, dice)


if __name__ == "__main__":
    sys.exit(main())
