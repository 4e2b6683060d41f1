"""The paid path against stand-ins for the vendors, at true time: how long a photo waits, and what is asked of them.

    python -m benchmarks.vendors [--json] [--seconds 30]

The stand-ins answer as the vendors do: Claude in 4 s, Suno streaming after 25 s and complete after 90 s, a song of
150 s streamed at 2.3 times real time. First one photo alone, then six at once with three slots.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.suno import Pace, SunoSimulator

from benchmarks.service import Service, draw_photo, running

KEY = "simulated-key"
AUDIO_NEEDED_SECONDS = 32.0
TARGETS = {"one_wall_seconds": 65.0, "six_wall_seconds": 190.0, "after_audio_seconds": 20.0}


def watch(service: Service, photos: int, seconds: float, offset: int) -> tuple[float, list[float]]:
    """Upload that many photos at once; wall time until all are done, and each film's end (monotonic)."""
    began = time.monotonic()
    tasks = [service.upload(draw_photo(offset + index), seconds) for index in range(photos)]
    ends = [0.0] * photos

    def wait(index: int) -> None:
        service.wait(tasks[index])
        ends[index] = time.monotonic()

    waiting = [threading.Thread(target=wait, args=(index,)) for index in range(photos)]
    for one in waiting:
        one.start()
    for one in waiting:
        one.join()
    return time.monotonic() - began, ends


def measure(seconds: float) -> dict[str, Any]:
    """Both scenes, with fresh stand-ins."""
    pace = Pace()
    with ClaudeSimulator(key=KEY) as claude, SunoSimulator(key=KEY, pace=pace) as suno:
        variables = {
            "CLAUDE_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": claude.base_url,
            "SUNO_API_KEY": KEY,
            "SUNO_BASE_URL": suno.base_url,
            "MAX_CONCURRENT_TASKS": "3",
        }
        with running(variables) as service:
            one_wall, one_end = watch(service, 1, seconds, 1)
            first_clip = next(iter(suno.clips.values()))
            audio_at = first_clip.made_at + pace.streaming_after_seconds + AUDIO_NEEDED_SECONDS / pace.times_real_time
            six_wall, _ = watch(service, 6, seconds, 10)
            library = service.ask("GET", "/photos?limit=20")[1]["videos"]
        return {
            "one_wall_seconds": one_wall,
            "after_audio_seconds": one_end[0] - audio_at,
            "six_wall_seconds": six_wall,
            "films": len(library),
            "films_by_vendors": sum(video["music_by"] == "suno" and video["words_by"] == "claude" for video in library),
            "claude_calls": len(claude.paid),
            "suno_orders": len(suno.paid),
            "clip_requests": suno.count("GET", "/api/v2/external/hackmit/clips"),
            "over_the_limit": suno.over_the_limit,
        }


MEANINGS = {
    "one_wall_seconds": "one photo, upload to film, wall s",
    "after_audio_seconds": "the same, after 32 s of song were to be had, wall s",
    "six_wall_seconds": "six photos at once, three slots, all done, wall s",
    "films": "films made",
    "films_by_vendors": "of them with words by Claude and music by Suno",
    "claude_calls": "paid calls to Claude",
    "suno_orders": "songs paid for at Suno",
    "clip_requests": "clip requests, all tasks together",
    "over_the_limit": "requests over a vendor's limit",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    figures = measure(options.seconds)
    if options.json:
        print(json.dumps({"figures": figures, "targets": TARGETS}, indent=2))
        return
    table = Table("figure", "measured", "target", title="The paid path, at the vendors' own pace")
    for name, meaning in MEANINGS.items():
        value, target = figures[name], TARGETS.get(name)
        shown = f"{value:.1f}" if isinstance(value, float) else str(value)
        held = "" if target is None else f"≤ {target:g} {'✓' if value <= target else '✗'}"
        table.add_row(meaning, shown, held)
    Console().print(table)


if __name__ == "__main__":
    main()
