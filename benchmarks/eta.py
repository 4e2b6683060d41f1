"""The time left as clients are told it, against what it was: the error after each film, and whether it falls.

    python -m benchmarks.eta [--json] [--films 5] [--seconds 10]

First with the built-in composer, then with Suno's stand-in, which says nothing for 20 s. The error of a film is the
median of |told - real| / real over its samples, taken four times a second until a second before its end.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from statistics import median
from typing import Any

from tests.simulators.suno import Pace, SunoSimulator

from benchmarks.service import Service, draw_photo, running

KEY = "simulated-key"
EVERY_SECONDS = 0.25
FROM_FILM = 4
TARGET = 0.25
"""Median error from the fourth film on."""


def watch(service: Service, seed: int, seconds: float) -> dict[str, Any]:
    """Make a film and compare."""
    task_id = service.upload(draw_photo(seed), seconds)
    samples: list[tuple[float, str, float]] = []
    while (answer := service.ask("GET", f"/photos/{task_id}/status")[1])["status"] != "done":
        if answer["status"] in {"error", "cancelled"}:
            raise SystemExit(f"the film failed: {answer}")
        if answer["eta_seconds"] is not None:
            samples.append((time.monotonic(), answer["stage"], answer["eta_seconds"]))
        time.sleep(EVERY_SECONDS)
    end = time.monotonic()
    errors = [abs(told - (end - at)) / (end - at) for at, _, told in samples if end - at > 1]
    composing = [told for _, stage, told in samples if stage == "compose"]
    return {
        "wall_seconds": end - samples[0][0],
        "first_told_seconds": samples[0][2],
        "median_error": median(errors),
        "rises_while_composing": sum(later > earlier for earlier, later in pairwise(composing)),
        "samples_while_composing": len(composing),
    }


def measure(films: int, seconds: float) -> dict[str, list[dict[str, Any]]]:
    """Both scenes, each with a fresh service."""
    short = {"VIDEO_SHORT_EDGE": "240"}
    with running(short) as service:
        embedded = [watch(service, number, seconds) for number in range(films)]
    pace = Pace(streaming_after_seconds=20.0)
    with SunoSimulator(key=KEY, pace=pace) as suno:
        vendor = {"SUNO_API_KEY": KEY, "SUNO_BASE_URL": suno.base_url, "COMPOSERS": "suno,embedded"}
        with running(short | vendor) as service:
            suno_films = [watch(service, number, seconds) for number in range(films)]
    return {"embedded": embedded, "suno": suno_films}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--films", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    choices = parser.parse_args()
    found = measure(choices.films, choices.seconds)
    if choices.json:
        print(json.dumps(found, indent=1))
        return
    for composer, films in found.items():
        for number, film in enumerate(films, 1):
            first, error = film["first_told_seconds"], film["median_error"]
            rises = f"{film['rises_while_composing']} rises in {film['samples_while_composing']} samples of composing"
            print(
                f"{composer:9} film {number}: {film['wall_seconds']:.1f} s, first told {first:.1f} s, "
                f"median error {error:.0%}, {rises}"
            )
        learnt = median(film["median_error"] for film in films[FROM_FILM - 1 :])
        print(f"{composer:9} from film {FROM_FILM} on: {learnt:.0%} (target {TARGET:.0%})")


if __name__ == "__main__":
    main()
