"""Kills the paying side with SIGKILL before, during and after paid calls, starts it again, and counts the charges.

`python -m tests.simulators.kills --runs 100`: each run makes words and music for one task with the real providers and
the real ledger in a process of its own, which is killed once or twice; simulators outside of it count what was paid.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.contexts import a_context
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.elevenlabs import ElevenLabsSimulator
from tests.simulators.matrix import SHORTEST_FILM, QuickComposer, keep_photo
from tests.simulators.suno import Pace, SunoSimulator

from auratune.core.options import FilmFormat, Options
from auratune.providers.chain import ComposerChain, SongwriterChain, VisionModelChain
from auratune.providers.claude.provider import Claude
from auratune.providers.elevenlabs.composer import ElevenLabsComposer
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.providers.embedded.vision_model import EmbeddedVisionModel
from auratune.providers.suno.composer import SunoComposer
from auratune.storage.local import LocalStore
from auratune.tasks.database import Database
from auratune.tasks.ledger import DatabaseLedger
from auratune.tasks.schema.upgrade import upgrade

KEY = "simulated-key"
PACE = Pace(
    answer_seconds=0.4, streaming_after_seconds=1, complete_after_seconds=6, song_seconds=20, times_real_time=20
)
MOMENTS = {
    "words asked": (0.0, 0.1),
    "words answered": (0.3, 0.7),
    "music asked": (0.0, 0.1),
    "music answered": (0.3, 0.7),
    "any": (0.0, 8.0),
}
"""When to strike, and how many seconds after that at least and at most."""
PROJECT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 300.0
"""A task without a fault takes a few seconds; on a machine with much other work its children wait for a processor."""


@dataclass
class Tally:
    """What came of all runs."""

    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    done: int = 0
    made_by: Counter[str] = field(default_factory=Counter)
    paid_twice: int = 0
    paid_unknown: int = 0
    """Charged calls whose fruit was lost to a kill: never charged again, told in the receipt."""

    def table(self) -> str:
        moments = ", ".join(f"{moment} {count}" for moment, count in sorted(self.kills.items()))
        makers = ", ".join(f"{maker} {count}" for maker, count in sorted(self.made_by.items()))
        return (
            f"runs {self.runs}, done {self.done}, lost {self.runs - self.done}\n"
            f"kill -9: {sum(self.kills.values())} ({moments})\n"
            f"made by: {makers}\n"
            f"paid twice {self.paid_twice}, charges whose answer was lost {self.paid_unknown}\n"
        )


def work(folder: Path, claude_url: str, suno_url: str, eleven_url: str) -> None:
    """The side that pays: words and music for the one task in the folder, as the stages of the service would."""
    store = LocalStore(folder)
    database = Database(folder)
    upgrade(database)
    photo = keep_photo(store)
    options = Options(format=FilmFormat(length_seconds=SHORTEST_FILM))
    context = a_context(store, ledger=DatabaseLedger(database))
    claude = Claude(key=KEY, base_url=claude_url, deadline_seconds=20.0)
    scene = VisionModelChain([claude, EmbeddedVisionModel()]).analyze(context, photo, options)
    treatment = SongwriterChain([claude, EmbeddedSongwriter()]).write(context, photo, scene, options)
    composer = (
        SunoComposer(key=KEY, base_url=suno_url, poll_seconds=0.2)
        if suno_url
        else ElevenLabsComposer(key=KEY, base_url=eleven_url)
    )
    chain = ComposerChain([composer, QuickComposer()])
    song = chain.collect(context, chain.order(context, treatment.music))
    sys.stdout.write(f"{treatment.words_by} {song.music_by}\n")


def rounds(count: int, *, seed: int) -> Tally:
    """So many runs, each with its own simulators and kills."""
    chance = random.Random(seed)
    tally = Tally()
    for index in range(count):
        with tempfile.TemporaryDirectory() as folder:
            _one(Path(folder), chance, tally, with_suno=index % 3 != 2)
    return tally


def _one(folder: Path, chance: random.Random, tally: Tally, *, with_suno: bool) -> None:
    with (
        ClaudeSimulator(key=KEY, answer_seconds=0.4) as claude,
        SunoSimulator(key=KEY, pace=PACE) as suno,
        ElevenLabsSimulator(key=KEY, answer_seconds=0.4) as eleven,
    ):
        music = suno if with_suno else eleven
        urls = [claude.base_url, suno.base_url if with_suno else "", eleven.base_url]
        tally.runs += 1
        for _ in range(chance.choice((1, 1, 2))):
            with _start(folder, urls) as worker:
                moment = chance.choice(tuple(MOMENTS))
                asked = (claude if moment.startswith("words") else music).requests
                _await_moment(worker, moment, asked)
                time.sleep(chance.uniform(*MOMENTS[moment]))
                if worker.poll() is None:
                    worker.kill()
                    tally.kills[moment] += 1
        with _start(folder, urls) as worker:
            told, _ = worker.communicate(timeout=_PATIENCE_SECONDS)
        makers = told.decode().split()
        if worker.returncode or len(makers) != 2:
            return
        tally.done += 1
        tally.made_by.update(makers)
        for paid, maker in ((claude.paid, makers[0]), (music.paid, makers[1])):
            tally.paid_twice += len(paid) > 1
            tally.paid_unknown += len(paid) == 1 and maker == "embedded"


def _start(folder: Path, urls: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.simulators.kills", "--work", str(folder), *urls]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT)


def _await_moment(worker: subprocess.Popen[bytes], moment: str, requests: list[tuple[float, str, str]]) -> None:
    known = len(requests)
    ends = time.monotonic() + _PATIENCE_SECONDS
    while worker.poll() is None and time.monotonic() < ends:
        if moment == "any" or any(method == "POST" for _, method, _ in requests[known:]):
            return
        time.sleep(0.005)


def main(argv: Sequence[str] | None = None) -> None:
    """Run, print the tally, exit with 1 where a task was lost or paid for twice."""
    parser = argparse.ArgumentParser(prog="kills", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.work:
        work(Path(options.work[0]), *options.work[1:])
        return
    tally = rounds(options.runs, seed=options.seed)
    sys.stdout.write(tally.table())
    raise SystemExit(tally.paid_twice > 0 or tally.done < tally.runs)


if __name__ == "__main__":
    main()
