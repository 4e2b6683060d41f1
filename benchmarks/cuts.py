"""Whether the cuts that a viewer sees fall on the beats that a listener hears, measured on the finished MP4.

    python -m benchmarks.cuts PHOTO [PHOTO …] [--seeds 3] [--json]

Makes films of each photo, finds abrupt changes of picture in the decoded frames (a frame that differs from the one
before far more than its neighbours do), and compares them with the beat grid of the song.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from auratune.cli.film import make_here
from auratune.core.options import FilmFormat, Options
from auratune.core.task import Stage
from auratune.settings import load_settings
from auratune.subprocesses import SubprocessPool
from auratune.wiring import PRELOAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

TARGET = 0.95
LEAST_CHANGE = 8.0
"""Mean absolute difference of grey levels, 0 to 255, that a cut at least makes."""
TIMES_AROUND = 4.0
"""A cut differs this many times more than the frames within a quarter of a second around it."""


def find_cuts(film: Path) -> tuple[list[float], float]:
    """Seconds at which the picture changes abruptly, and the frame rate."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 30)
        small = [
            cv2.resize(frame.to_ndarray(format="gray"), (120, 120), interpolation=cv2.INTER_AREA).astype(np.float32)
            for frame in container.decode(stream)
        ]
    change: NDArray[np.float32] = np.array([0.0, *(np.abs(b - a).mean() for a, b in pairwise(small))])
    reach = round(fps / 4)
    cuts = []
    for index in range(1, len(change)):
        around = np.delete(change[max(1, index - reach) : index + reach + 1], min(reach, index - 1))
        if change[index] >= LEAST_CHANGE and change[index] >= TIMES_AROUND * max(0.5, float(around.max())):
            cuts.append(index / fps)
    return cuts, fps


def measure(photos: list[Path], seeds: int) -> list[dict[str, Any]]:
    """One row a film."""
    rows = []
    options = Options(format=FilmFormat(short_edge_px=360, long_edge_px=640, captions="off"))
    with tempfile.TemporaryDirectory() as folder, SubprocessPool(*PRELOAD) as subprocesses:
        for photo in photos:
            for seed in range(seeds):
                target = Path(folder) / "film.mp4"
                made = make_here(photo, options, load_settings(), target, subprocesses, seed=seed, show=False)
                cuts, fps = find_cuts(target)
                beats = np.array(made.values[Stage.LISTEN].beats)
                off = [float(np.abs(beats - cut).min()) for cut in cuts]
                # A beat lies anywhere within the frame that shows it.
                on = sum(distance <= 1.0 / fps + 1e-6 for distance in off)
                rows.append({"photo": photo.stem, "seed": seed, "cuts": len(cuts), "on_a_beat": on})
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = measure(options.photos, options.seeds)
    cuts, on = (sum(row[name] for row in rows) for name in ("cuts", "on_a_beat"))
    share = on / cuts if cuts else 0.0
    if options.json:
        print(json.dumps({"films": rows, "share": share, "target": TARGET}, indent=2))
        return
    table = Table("photo", "seed", "cuts seen", "within one frame of a beat", title="Cuts against beats")
    for row in rows:
        table.add_row(row["photo"], str(row["seed"]), str(row["cuts"]), str(row["on_a_beat"]))
    table.add_row("all", "", str(cuts), f"{on} ({share:.1%}, target ≥ {TARGET:.0%}{' ✓' if share >= TARGET else ' ✗'})")
    Console().print(table)


if __name__ == "__main__":
    main()
