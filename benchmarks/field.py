"""Sends a folder of strange pictures to a running service: what becomes of each, how long it takes, how much memory.

    python -m benchmarks.field FOLDER [--json] [--sheet SHEET.png]

Starts a service of its own. Each file is uploaded over HTTP, and what was kept of it is fetched back; then the same
file is read once more in a child process as the service starts it, which measures its own time and memory. The exit
code is 1 when an answer was a 5xx or took over ten seconds, or a child died or took over 512 MB.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table
from tests.proof.service import running_service

from auratune.core.errors import SubprocessFailed
from auratune.core.ports import Limits
from auratune.subprocesses import SubprocessPool
from auratune.vision import image_ops
from auratune.wiring import PRELOAD

MOST_SECONDS, MOST_MB = 10.0, 512
LIMITS = Limits(wall_seconds=30, cpu_seconds=30, memory_mib=2048, niceness=0)
PREVIEW = (200, 200)


def send(client: httpx2.Client, path: Path) -> dict[str, Any]:
    """The service's answer to one file: `accepted` or the code of its refusal."""
    began = time.monotonic()
    try:
        answer = client.post("/photos?duplicate=allow", files={"file": (path.name, path.read_bytes(), "image/jpeg")})
    except httpx2.TimeoutException:
        return {"code": "no_answer", "status": 0, "seconds": round(time.monotonic() - began, 2)}
    row = {"status": answer.status_code, "seconds": round(time.monotonic() - began, 2)}
    if answer.status_code != httpx2.codes.OK:
        return row | {"code": answer.json()["code"]}
    task = f"/photos/{answer.json()['task_id']}"
    with Image.open(io.BytesIO(client.get(f"{task}/poster").content)) as kept:
        size, picture = f"{kept.width}x{kept.height}", kept.convert("RGB")
    client.delete(task)
    lab = image_ops.lab(np.asarray(picture)).mean(axis=(0, 1))
    picture.thumbnail(PREVIEW)
    return row | {"code": "accepted", "size": size, "lab": [round(float(part), 1) for part in lab], "preview": picture}


def measure(children: SubprocessPool, path: Path, scratch: str) -> dict[str, Any]:
    """Seconds and memory of a decoder child for the same file."""
    arguments = (str(path.resolve()), f"{scratch}/kept.jpg")
    try:
        measured: dict[str, Any] = children.run("benchmarks.field_child:decode", *arguments, limits=LIMITS)
    except SubprocessFailed as error:
        return {"child_seconds": 0.0, "memory_mb": 0, "child_died": error.code}
    return {name: measured[name] for name in ("child_seconds", "memory_mb")}


def run(files: list[Path]) -> list[dict[str, Any]]:
    """A row for each file."""
    rows = []
    settings = {"RATE_LIMIT": 100_000, "LOG_LEVEL": "ERROR", "MAX_CONCURRENT_TASKS": 1, "VIDEO_SHORT_EDGE": 160}
    with (
        running_service(**settings) as service,
        SubprocessPool(*PRELOAD) as children,
        httpx2.Client(base_url=service.address, timeout=60) as client,
        tempfile.TemporaryDirectory() as scratch,
    ):
        for path in files:
            row = {"file": path.name, **send(client, path)}
            # Too large a file is refused before a child sees it.
            rows.append(row | (measure(children, path, scratch) if row["code"] != "photo_too_large" else {}))
    return rows


def is_bad(row: dict[str, Any]) -> bool:
    """Whether a file broke a limit."""
    failed = row["status"] == 0 or row["status"] >= 500 or "child_died" in row
    return failed or row["seconds"] > MOST_SECONDS or row.get("memory_mb", 0) > MOST_MB


def draw_sheet(rows: list[dict[str, Any]], path: Path) -> None:
    """All kept pictures beside one another with their names."""
    kept = [row for row in rows if "preview" in row]
    columns = 6 if len(kept) < 60 else 12
    sheet = Image.new("RGB", (columns * 210, max(1, -(-len(kept) // columns)) * 230), "white")
    pen = ImageDraw.Draw(sheet)
    for index, row in enumerate(kept):
        x, y = index % columns * 210 + 5, index // columns * 230 + 5
        sheet.paste(row["preview"], (x, y))
        pen.text((x, y + 204), row["file"][:32], fill="black")
    sheet.save(path)


def show(rows: list[dict[str, Any]], console: Console) -> None:
    """The table, and what it comes to."""
    table = Table("file", "outcome", "kept as", "answer s", "child s", "MB", "mean Lab")
    for row in rows:
        outcome = row["code"] if row["status"] in {0, 200} else f"{row['status']} {row['code']}"
        values = [row["file"], outcome, row.get("size", ""), f"{row['seconds']:.2f}"]
        values += [str(row.get(name, "")) for name in ("child_seconds", "memory_mb", "lab")]
        table.add_row(*values, style="red" if is_bad(row) else "")
    console.print(table)
    codes = ", ".join(f"{code} {count}" for code, count in Counter(row["code"] for row in rows).most_common())
    console.print(
        f"{len(rows)} files ({codes}); slowest answer {max((row['seconds'] for row in rows), default=0):.2f} s, "
        f"largest child {max((row.get('memory_mb', 0) for row in rows), default=0)} MB, "
        f"{sum(row['status'] >= 500 for row in rows)} 5xx, {sum(is_bad(row) for row in rows)} beyond a limit"
    )


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--sheet", type=Path, help="draw a contact sheet of what was kept")
    options = parser.parse_args()
    files = sorted(path for path in options.folder.rglob("*") if path.is_file())
    rows = run(files)
    if options.sheet:
        draw_sheet(rows, options.sheet)
    if options.json:
        print(json.dumps([{name: value for name, value in row.items() if name != "preview"} for row in rows], indent=1))
    else:
        show(rows, Console(width=160))
    return int(any(is_bad(row) for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
