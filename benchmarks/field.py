"""Reads a folder of strange pictures as an upload does: what becomes of each, how long it takes and how much memory.

    python -m benchmarks.field FOLDER [--json] [--sheet SHEET.png]

Each file is decoded in a child process of its own, as the service does it. The exit code is 1 when a file took over ten
seconds, over 512 MB, or ended in anything but a picture or a refusal.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table

MOST_SECONDS, MOST_MB = 10.0, 512
PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic", ".heif", ".bmp", ".tif", ".tiff", ".mpo"}
PICTURES |= {".apng", ".jfif", ".jpe", ".ico", ".psd", ".jp2", ".jxl", ".ppm", ".tga", ".pcx", ".svg"}


def decode(source: str, target: str) -> dict[str, Any]:
    """In the child: the outcome of one file, and the memory that it took."""
    from auratune.core.errors import AuraTuneError
    from auratune.vision.decode import normalise

    digest = hashlib.sha256(Path(source).read_bytes()).hexdigest()
    try:
        photo = normalise(source, target, "photos/x.jpg", digest)
        outcome: dict[str, Any] = {"outcome": "accepted", "size": f"{photo.width_px}x{photo.height_px}"}
    except AuraTuneError as error:
        outcome = {"outcome": error.code}
    return outcome | {"memory_mb": peak_mb()}


def peak_mb() -> int:
    """The most memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024)


def run(path: Path, target: Path) -> dict[str, Any]:
    """One file in a child; `crashed` or `too_slow` where it gave no answer."""
    command = [sys.executable, "-m", "benchmarks.field", "--one", str(path), str(target)]
    began = time.monotonic()
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=3 * MOST_SECONDS)
        result = json.loads(done.stdout) if done.returncode == 0 else {"outcome": "crashed", "memory_mb": 0}
    except subprocess.TimeoutExpired:
        result = {"outcome": "too_slow", "memory_mb": 0}
    result["seconds"] = round(time.monotonic() - began, 2)
    if result["outcome"] == "accepted":
        result["lab"] = mean_lab(target)
    return {"file": path.name, **result}


def mean_lab(path: Path) -> list[float]:
    """Mean L*, a* and b* of a kept picture."""
    from auratune.vision import image_ops

    return [round(float(value), 1) for value in image_ops.lab(image_ops.read_rgb(str(path))).mean(axis=(0, 1))]


def draw_sheet(rows: list[dict[str, Any]], folder: Path, path: Path) -> None:
    """All kept pictures beside one another with their names."""
    kept = [row for row in rows if row["outcome"] == "accepted"]
    sheet = Image.new("RGB", (6 * 210, max(1, -(-len(kept) // 6)) * 230), "white")
    pen = ImageDraw.Draw(sheet)
    for index, row in enumerate(kept):
        x, y = index % 6 * 210 + 5, index // 6 * 230 + 5
        with Image.open(folder / f"{row['number']}.jpg") as picture:
            picture.thumbnail((200, 200))
            sheet.paste(picture, (x, y))
        pen.text((x, y + 204), row["file"][:32], fill="black")
    sheet.save(path)


def is_bad(row: dict[str, Any]) -> bool:
    """Whether a file broke a limit."""
    broke = row["outcome"] in {"crashed", "too_slow"}
    return broke or row["seconds"] > MOST_SECONDS or row["memory_mb"] > MOST_MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--sheet", type=Path, help="draw a contact sheet of what was kept")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(decode(*options.one)))
        return 0
    files = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in PICTURES and path.is_file())
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, path in enumerate(files):
            rows.append({"number": number, **run(path, Path(scratch) / f"{number}.jpg")})
        if options.sheet:
            draw_sheet(rows, Path(scratch), options.sheet)
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        show(rows)
    return int(any(is_bad(row) for row in rows))


def show(rows: list[dict[str, Any]]) -> None:
    """The table."""
    table = Table("file", "outcome", "kept as", "seconds", "MB", "mean Lab")
    for row in rows:
        style = "red" if is_bad(row) else ""
        values = [row["file"], row["outcome"], row.get("size", ""), f"{row['seconds']:.2f}", str(row["memory_mb"])]
        table.add_row(*values, str(row.get("lab", "")), style=style)
    console = Console()
    console.print(table)
    accepted = sum(row["outcome"] == "accepted" for row in rows)
    bad = sum(is_bad(row) for row in rows)
    most = max((row["memory_mb"] for row in rows), default=0)
    console.print(f"{len(rows)} files, {accepted} accepted, {bad} beyond a limit, at most {most} MB")


if __name__ == "__main__":
    raise SystemExit(main())
