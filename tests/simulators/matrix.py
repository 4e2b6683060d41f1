"""Every kind of fault on the paid path, one at a time, against the whole chain: what came out and what was paid.

`python -m tests.simulators.matrix --times 5` runs each kind so many times and prints a table; it ends with 1 when a
film would have been lost, a song paid twice, or a deadline passed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from tests.contexts import a_context
from tests.simulators.acestep import AceStepSimulator
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.elevenlabs import ElevenLabsSimulator
from tests.simulators.faults import SILENT
from tests.simulators.lyria import LyriaSimulator
from tests.simulators.openai_compatible import OpenAICompatibleSimulator
from tests.simulators.server import Simulator
from tests.simulators.sound import song_mp3
from tests.simulators.suno import Pace, SunoSimulator

from auratune.core.context import MemoryLedger, StageContext
from auratune.core.options import FilmFormat, Options
from auratune.core.photo import Photo
from auratune.core.scene import Scene
from auratune.core.song import Song, SongRequest
from auratune.core.task import PaidState
from auratune.core.treatment import MusicBrief, Treatment
from auratune.providers.acestep.composer import NOTICE as ACESTEP_NOTICE
from auratune.providers.acestep.composer import AceStepComposer
from auratune.providers.chain import ComposerChain, SongwriterChain, VisionModelChain
from auratune.providers.claude.provider import Claude
from auratune.providers.elevenlabs.composer import ElevenLabsComposer
from auratune.providers.embedded import EMBEDDED
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.providers.embedded.vision_model import EmbeddedVisionModel
from auratune.providers.lyria.composer import LyriaComposer
from auratune.providers.openai_compatible.provider import OpenAICompatible
from auratune.providers.suno.composer import SunoComposer
from auratune.providers.vendor import OnRequest, ignore_request
from auratune.storage.local import LocalStore

KEYS = {
    "claude": "canary-c1aude-5e7d",
    "openai": "canary-0penai-77aa",
    "suno": "canary-5uno-91bc",
    "elevenlabs": "canary-e1even-33fa",
    "lyria": "canary-1yria-04be",
    "acestep": "canary-ace5tep-6c1f",
}
WRITERS = {"claude", "openai"}
PACE = Pace(answer_seconds=0.2, streaming_after_seconds=6, complete_after_seconds=16, song_seconds=40)
SPEED = 20.0
SHORTEST_FILM = 6.0
DEADLINE_SECONDS = 30.0
"""Within this a film's words and music must be there, whatever the fault."""


@dataclass(frozen=True)
class Kind:
    """A fault, where it strikes, and who is expected to do the work then."""

    vendor: str
    route: str
    faults: tuple[str, ...]
    maker: str = "embedded"
    paid: int = 0
    """How many calls of that vendor are charged for."""
    whole_song: bool = False

    @property
    def name(self) -> str:
        return f"{self.vendor} {self.route} {'+'.join(dict.fromkeys(self.faults))[:40]}"


def _each(vendor: str, route: str, faults: str, **about: Any) -> Iterator[Kind]:
    for fault in faults.split():
        yield Kind(vendor, route, (fault,), **about)


KINDS: tuple[Kind, ...] = (
    *_each("claude", "messages", "401 403 404 413 no_credit reset_before gateway_502"),
    *_each(
        "claude", "messages", "refusal max_tokens wrong_schema empty garbage_200 html_200 cut_200 reset_after", paid=1
    ),
    *_each("claude", "messages", "silence_after drip_200", paid=1),
    *_each("claude", "messages", "429:1 overloaded api_error", maker="claude", paid=1),
    *_each("suno", "generate", "400 401 403 500 reset_before gateway_502"),
    *_each("suno", "generate", "reset_after garbage_200 html_200 cut_200 silence_after", paid=1),
    *_each("suno", "generate", "429 429:1", maker="suno", paid=1),
    Kind("suno", "generate", ("429:900",)),
    *_each(
        "suno", "clips", "500 429:1 garbage_200 html_200 reset_before empty_200 silence_before", maker="suno", paid=1
    ),
    *_each("suno", "clip", "error moderation http://10.0.0.1/x.mp3 https://169.254.169.254/", paid=1),
    *_each("suno", "clip", "never", paid=1, whole_song=True),
    *_each("suno", "stream", "drop stall html_200 empty_200 reset_before 500", maker="suno", paid=1),
    *_each("suno", "audio", "html_200 truncated cut_200 reset_before 404", maker="suno", paid=1, whole_song=True),
    Kind("suno", "audio", ("html_200",) * 9, paid=1, whole_song=True),
    *_each("elevenlabs", "music", "401 402 422 bad_plan_bare 500 reset_before"),
    *_each("elevenlabs", "music", "reset_after cut_200 html_audio garbage_200 silence_after", paid=1),
    *_each("elevenlabs", "music", "bad_prompt bad_plan 429:1 no_words other_words", maker="elevenlabs", paid=1),
    *_each("openai", "chat", "400 401 402 403 413 422 not_pulled reset_before gateway_502 500 503 text_error"),
    *_each("openai", "chat", "404 502"),
    *_each("openai", "chat", "429", maker="openai", paid=1),
    *_each("openai", "chat", "refusal content_filter length only_thought wrong_schema", paid=1),
    *_each("openai", "chat", "reset_after garbage_200 html_200 empty_200 cut_200 silence_after drip_200", paid=1),
    *_each("openai", "chat", "429:1 fenced chatty", maker="openai", paid=1),
    *_each("lyria", "interactions", "400 401 402 403 404 413 422 500 503 gateway_502 reset_before"),
    *_each("lyria", "interactions", "blocked no_billing no_free_tier"),
    *_each("lyria", "interactions", "no_audio failed bad_base64 silent_song noise", paid=1),
    *_each(
        "lyria", "interactions", "reset_after garbage_200 html_200 empty_200 cut_200 silence_after drip_200", paid=1
    ),
    *_each(
        "lyria",
        "interactions",
        "429 quota 429:1 old_form no_times other_words wild_times description_first",
        maker="lyria",
        paid=1,
    ),
    *_each("acestep", "release", "400 401 403 404 413 422 garbage_200 html_200 empty_200"),
    *_each("acestep", "release", "429 500 503 gateway_502 reset_before 429:1", maker="acestep"),
    *_each("acestep", "query", "failed elsewhere bad_result 401 403 garbage_200 html_200"),
    *_each("acestep", "query", "forgotten 404 429 500 503 reset_before gateway_502 429:1", maker="acestep"),
    *_each("acestep", "audio", "404 html_200 empty_200 cut_200 reset_before 500"),
)


@dataclass
class Outcome:
    """What came of one run."""

    kind: Kind
    treatment: Treatment
    song: Song
    notices: tuple[str, ...]
    paid: int
    ledger: MemoryLedger
    seconds: float
    heard: list[tuple[str, str]] = field(default_factory=list)

    @property
    def maker(self) -> str:
        return self.treatment.words_by if self.kind.vendor in WRITERS else self.song.music_by

    @property
    def fault(self) -> str:
        """What is wrong with it; empty when all is as it should be."""
        told = bool(self.notices) == (self.maker == "embedded")
        twice = any(
            sum(call.state is not PaidState.REFUSED for call in self.ledger.entries("task-1") if call.vendor == vendor)
            > 1
            for vendor in KEYS
        )
        wrongs = {
            f"made by {self.maker} instead of {self.kind.maker}": self.maker != self.kind.maker,
            f"paid {self.paid} times instead of {self.kind.paid}": self.paid != self.kind.paid,
            "paid or unclear more than once": twice,
            f"notices {self.notices}": not told,
        }
        return "; ".join(wrong for wrong, holds in wrongs.items() if holds)


class OnceObserver:
    """The built-in observer, which looks at the one photo of all runs only once."""

    name = "embedded"
    vendor = EMBEDDED
    _seen: Scene | None = None

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        if OnceObserver._seen is None:
            OnceObserver._seen = EmbeddedVisionModel().analyze(context, photo, options)
        return OnceObserver._seen


class QuickComposer:
    """Stands for the built-in composer, which has tests of its own and takes seconds."""

    name = "embedded"
    vendor = EMBEDDED

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        return SongRequest(music_by=self.name, brief=brief)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        with context.output("song.mp3") as path:
            path.write_bytes(song_mp3(SHORTEST_FILM))
        return Song(
            key=context.key("song.mp3"),
            music_by=self.name,
            length_seconds=SHORTEST_FILM,
            brief=order.brief,
            notices=order.notices,
        )


def run(kind: Kind, folder: Path) -> Outcome:
    """One task from photo to song with this fault."""
    store = LocalStore(folder)
    heard: list[tuple[str, str]] = []
    with simulator_of(kind.vendor) as simulator:
        provider = provider_of(
            kind.vendor,
            simulator,
            lambda vendor, outcome: heard.append((vendor, outcome)),
            patient=SILENT.isdisjoint(kind.faults),
        )
        writers, composers = ([provider], []) if kind.vendor in WRITERS else ([], [provider])
        simulator.faults.plan(kind.route, *kind.faults)
        photo = keep_photo(store)
        options = Options(
            excerpt="best" if kind.whole_song else "fast", format=FilmFormat(length_seconds=SHORTEST_FILM)
        )
        ledger = MemoryLedger()
        began = time.monotonic()
        context = a_context(store, ledger=ledger)
        scene = VisionModelChain([*writers, OnceObserver()]).analyze(context, photo, options)
        treatment = SongwriterChain([*writers, EmbeddedSongwriter()]).write(context, photo, scene, options)
        chain = ComposerChain([*composers, QuickComposer()])
        song = chain.collect(context, chain.order(context, treatment.music))
        seconds = time.monotonic() - began
        assert store.exists(song.key)
        words = (*scene.notices, *treatment.notices)
        return Outcome(
            kind,
            treatment,
            song,
            words if kind.vendor in WRITERS else tuple(notice for notice in song.notices if notice != ACESTEP_NOTICE),
            len(simulator.paid),
            ledger,
            seconds,
            heard,
        )


def simulator_of(vendor: str) -> Any:
    """A fast stand-in for a vendor."""
    key = KEYS[vendor]
    makers: dict[str, Callable[[], Simulator]] = {
        "claude": lambda: ClaudeSimulator(key=key, answer_seconds=0.1),
        "openai": lambda: OpenAICompatibleSimulator(key=key, answer_seconds=0.1),
        "suno": lambda: SunoSimulator(key=key, pace=PACE, speed=SPEED),
        "elevenlabs": lambda: ElevenLabsSimulator(key=key, answer_seconds=0.1),
        "lyria": lambda: LyriaSimulator(key=key, answer_seconds=0.1, song_seconds=SHORTEST_FILM + 3),
        "acestep": lambda: AceStepSimulator(key=key, song_seconds=0.3),
    }
    return makers[vendor]()


def provider_of(vendor: str, simulator: Any, on_request: OnRequest = ignore_request, *, patient: bool = False) -> Any:
    """The real provider that asks the stand-in.

    Its deadlines are short, so that a silent stand-in is soon given up; `patient` ones are as long as a busy machine
    needs.
    """

    def within(seconds: float) -> float:
        return 90.0 if patient else seconds

    asked = {"key": KEYS[vendor], "base_url": simulator.base_url, "on_request": on_request}
    makers: dict[str, Callable[[], Any]] = {
        "claude": lambda: Claude(**asked, deadline_seconds=within(6.0)),
        "openai": lambda: OpenAICompatible(**asked, model=simulator.model, deadline_seconds=within(6.0), spends=True),
        "suno": lambda: SunoComposer(
            **asked,
            poll_seconds=5.0 / SPEED,
            order_deadline_seconds=within(6.0),
            collect_deadline_seconds=within(16.0),
            answer_seconds=within(2.0),
            stall_seconds=within(1.0),
        ),
        "elevenlabs": lambda: ElevenLabsComposer(**asked, deadline_seconds=within(5.0)),
        "lyria": lambda: LyriaComposer(**asked, deadline_seconds=within(6.0)),
        "acestep": lambda: AceStepComposer(
            **asked, poll_seconds=0.1, deadline_seconds=within(12.0), answer_seconds=within(2.0)
        ),
    }
    return makers[vendor]()


def keep_photo(store: LocalStore) -> Photo:
    """The one photo of all runs, in the store."""
    with store.create("photos/task-1.jpg", content_type="image/jpeg") as path:
        Image.linear_gradient("L").resize((320, 240)).convert("RGB").save(path, "JPEG")
    return Photo(key="photos/task-1.jpg", width_px=320, height_px=240, content_hash="cd" * 32, seed=11)


def main(argv: Sequence[str] | None = None) -> None:
    """Run each kind so many times, print the table, and exit with 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="matrix", description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=4)
    options = parser.parse_args(argv)

    def many(kind: Kind) -> list[str]:
        faults = []
        for _ in range(options.times):
            with tempfile.TemporaryDirectory() as folder:
                outcome = run(kind, Path(folder))
                late = f"took {outcome.seconds:.0f} s" if outcome.seconds > DEADLINE_SECONDS else ""
                faults.append(outcome.fault or late)
        return faults

    wrong = 0
    with ThreadPoolExecutor(options.at_once) as pool:
        for kind, faults in zip(KINDS, pool.map(many, KINDS), strict=True):
            bad = [fault for fault in faults if fault]
            wrong += len(bad)
            sys.stdout.write(f"{kind.name:<60} {len(faults) - len(bad)}/{len(faults)} {'; '.join(bad)}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(KINDS)} kinds x {options.times}: {wrong} wrong\n")
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
