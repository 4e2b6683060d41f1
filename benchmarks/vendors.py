"""The paid path against stand-ins for the vendors, at true time: how long a photo waits, and what is asked of them.

    python -m benchmarks.vendors [--json] [--seconds 30] [--scene suno|lyria|six ...]

The stand-ins answer as the vendors do: Claude in 4 s; Suno streams after 25 s and is complete after 90 s, a song of
150 s streamed at 2.3 times real time; Lyria sends half a minute after 12 s. One photo alone with each of the two
composers, then six at once with three slots and Suno.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.lyria import LyriaSimulator
from tests.simulators.suno import Pace, SunoSimulator

from benchmarks.service import Service, draw_photo, running

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "simulated-key"
AUDIO_NEEDED_SECONDS = 32.0
_POLL_SECONDS = 0.1
TARGETS = {
    "suno_wall_seconds": 52.0,
    "suno_after_audio_seconds": 7.0,
    "suno_preview_seconds": 12.0,
    "lyria_wall_seconds": 25.0,
    "lyria_preview_seconds": 12.0,
    "six_wall_seconds": 190.0,
    "over_the_limit": 0,
}
MEANINGS = {
    "suno_wall_seconds": "Claude and Suno, one photo, upload to film, wall s",
    "suno_after_audio_seconds": "the same, after 32 s of song were to be had, wall s",
    "suno_preview_seconds": "the same, upload to something to watch (a first cut while it is drawn), wall s",
    "suno_first_cut_seconds": "the same, upload to a whole first cut, wall s",
    "lyria_wall_seconds": "Claude and Lyria, one photo, upload to film, wall s",
    "lyria_preview_seconds": "the same, upload to something to watch (a first cut while it is drawn), wall s",
    "lyria_first_cut_seconds": "the same, upload to a whole first cut, or the film, wall s",
    "six_wall_seconds": "Claude and Suno, six photos at once, three slots, all done, wall s",
    "six_first_cut_seconds": "the same, upload until each has a first cut or its film, wall s",
    "clip_requests": "clip requests to Suno, all six together",
    "over_the_limit": "requests over Suno's limit",
}


@dataclass(slots=True)
class Watched:
    """One photo on its way: seconds from its upload to the first pictures, to a whole film to watch, and to its own."""

    task_id: str
    began: float = field(default_factory=time.monotonic)
    preview: float = 0.0
    first_cut: float = 0.0
    film: float = 0.0

    def follow(self, service: Service) -> None:
        """Ask for the status until the film is there."""
        while not self.film:
            status = service.ask("GET", f"/photos/{self.task_id}/status")[1]
            if status["status"] in {"error", "cancelled"}:
                raise SystemExit(f"the film failed: {status}")
            gone = time.monotonic() - self.began
            if not self.preview and service.ask("GET", f"/photos/{self.task_id}")[1]["preview_url"]:
                self.preview = gone
            if status["first_cut"] and not self.first_cut:
                self.first_cut = gone
            if status["status"] == "done":
                self.film = gone
                self.first_cut = self.first_cut or gone
            time.sleep(_POLL_SECONDS)


def watch(service: Service, photos: int, seconds: float, offset: int) -> list[Watched]:
    """Upload that many photos at once and follow all of them to their films."""
    watched = [Watched(service.upload(draw_photo(offset + index), seconds)) for index in range(photos)]
    threads = [threading.Thread(target=each.follow, args=(service,)) for each in watched]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return watched


def with_suno(seconds: float) -> dict[str, Any]:
    """One photo, words by Claude, music by Suno."""
    pace = Pace()
    with ClaudeSimulator(key=KEY) as claude, SunoSimulator(key=KEY, pace=pace) as suno:
        with running(_settings(claude, SUNO_API_KEY=KEY, SUNO_BASE_URL=suno.base_url)) as service:
            (one,) = watch(service, 1, seconds, 1)
            details = _checked(service, one, "suno")
        (clip,) = suno.clips.values()
        audio_at = clip.made_at + pace.streaming_after_seconds + AUDIO_NEEDED_SECONDS / pace.times_real_time
        return {
            "suno_wall_seconds": one.film,
            "suno_after_audio_seconds": one.began + one.film - audio_at,
            "suno_preview_seconds": one.preview,
            "suno_first_cut_seconds": one.first_cut,
            "suno_stage_seconds": details["timings"],
            "suno_paid": (len(claude.paid), len(suno.paid)),
        }


def with_lyria(seconds: float) -> dict[str, Any]:
    """One photo, words by Claude, music by Lyria."""
    with ClaudeSimulator(key=KEY) as claude, LyriaSimulator(key=KEY) as lyria:
        with running(_settings(claude, LYRIA_API_KEY=KEY, LYRIA_BASE_URL=lyria.base_url)) as service:
            (one,) = watch(service, 1, seconds, 1)
            details = _checked(service, one, "lyria")
        return {
            "lyria_wall_seconds": one.film,
            "lyria_preview_seconds": one.preview,
            "lyria_first_cut_seconds": one.first_cut,
            "lyria_stage_seconds": details["timings"],
            "lyria_paid": (len(claude.paid), len(lyria.paid)),
        }


def six_with_suno(seconds: float) -> dict[str, Any]:
    """Six photos at once, with three slots."""
    with ClaudeSimulator(key=KEY) as claude, SunoSimulator(key=KEY) as suno:
        settings = _settings(claude, SUNO_API_KEY=KEY, SUNO_BASE_URL=suno.base_url, MAX_CONCURRENT_TASKS="3")
        with running(settings) as service:
            six = watch(service, 6, seconds, 10)
            for one in six:
                _checked(service, one, "suno")
        return {
            "six_wall_seconds": max(one.film for one in six),
            "six_first_cut_seconds": max(one.first_cut for one in six),
            "six_paid": (len(claude.paid), len(suno.paid)),
            "clip_requests": suno.count("GET", "/api/v2/external/hackmit/clips"),
            "over_the_limit": suno.over_the_limit,
        }


SCENES: dict[str, Callable[[float], dict[str, Any]]] = {
    "suno": with_suno,
    "lyria": with_lyria,
    "six": six_with_suno,
}


def _settings(claude: ClaudeSimulator, **others: str) -> dict[str, str]:
    return {"CLAUDE_API_KEY": KEY, "ANTHROPIC_BASE_URL": claude.base_url, **others}


def _checked(service: Service, one: Watched, composer: str) -> dict[str, Any]:
    """The task's details. Ends the program where a stand-in did not do its part."""
    details: dict[str, Any] = service.ask("GET", f"/photos/{one.task_id}")[1]
    if (details["words_by"], details["music_by"]) != ("claude", composer):
        raise SystemExit(f"not by the vendors: {details['notices']}")
    return details


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--scene", nargs="+", choices=SCENES, default=list(SCENES))
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    for name in options.scene:
        figures |= SCENES[name](options.seconds)
    if options.json:
        print(json.dumps({"figures": figures, "targets": TARGETS}, indent=2))
        return
    table = Table("figure", "measured", "target", title="The paid path, at the vendors' own pace")
    for name, meaning in MEANINGS.items():
        if name in figures:
            value, target = figures[name], TARGETS.get(name)
            shown = f"{value:.1f}" if isinstance(value, float) else str(value)
            held = "" if target is None else f"≤ {target:g} {'✓' if value <= target else '✗'}"
            table.add_row(meaning, shown, held)
    Console().print(table)
    Console().print({name: value for name, value in figures.items() if name not in MEANINGS})


if __name__ == "__main__":
    main()
