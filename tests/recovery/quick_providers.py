"""Providers whose films take a second: real values through every stage, a vendor that counts what it is asked for.

Run as a program it is a whole service without its web: it starts one, takes orders on standard input, and tells on
standard output which stage begins, so that a test can kill it at the worst moment.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.context import StageContext
from auratune.core.errors import AuraTuneError
from auratune.core.film import Film, FirstCut
from auratune.core.geometry import Box
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.ports import ObjectStore
from auratune.core.providers import Composer, Providers, Step
from auratune.core.scene import DetailMap, Light, Mood, Scene, Subject, Swatch
from auratune.core.song import Song, SongRequest
from auratune.core.storyboard import Framing, Move, Shot, Storyboard
from auratune.core.task import PaidState, Stage, Upload
from auratune.core.treatment import LyricLine, MusicBrief, Treatment
from auratune.providers.chain import ComposerChain
from auratune.providers.embedded import EMBEDDED
from auratune.providers.suno.composer import SunoComposer
from auratune.storage.local import LocalStore
from auratune.subprocesses import SubprocessPool
from auratune.tasks import submission
from auratune.tasks.service import TaskService
from auratune.tasks.webhooks import Webhooks

VENDOR = "suno"
FIRST_CUT = "first-cut-"
"""How the stages of a first cut are told apart."""
NOT_KNOWN = "Nobody knows whether the song was ordered."
_TICK_SECONDS = 0.02
WEBHOOKS = Webhooks(
    secret="whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    allow_private=True,
    pauses_seconds=(0.1,) * 20,
    try_seconds=1.0,
    lease_seconds=2.0,
)
"""Impatient: what takes a day takes seconds."""
# A photo is decoded in an interpreter of its own, whose start alone may take these ten seconds on a busy machine.
submission._DECODING = replace(submission._DECODING, wall_seconds=180)

SCENE = Scene(
    width_px=320,
    height_px=240,
    subjects=(Subject("region", Box(0.2, 0.2, 0.5, 0.6), 0.8),),
    palette=(Swatch(200, 120, 60, 1.0),),
    light=Light(brightness=0.5, contrast=0.4, warmth=0.3, colourfulness=0.5, edge_energy=0.2, sharpness=0.9),
    mood=Mood(0.4, 0.2),
    detail=DetailMap(1, 1, (0.5,), (0.5,)),
    caption="Hills under a warm sky.",
    seen_by="quick",
)
BRIEF = MusicBrief(
    title="Low Sun",
    length_seconds=6.0,
    genre_tags=("folk",),
    style="indie-folk",
    tempo_low_bpm=90,
    tempo_high_bpm=100,
    key="D minor",
    energy_curve=(0.2, 0.8),
    valence=0.4,
    arousal=0.2,
    warmth=0.3,
    brightness=0.5,
    lyrics=(LyricLine("The hills keep the light", "verse"), LyricLine("Stay a while", "chorus")),
    instrumental=False,
    seed=1,
)
TREATMENT = Treatment(
    title="Low Sun", lyrics=BRIEF.lyrics, look="golden", mood_arc="Calm, then glad.", music=BRIEF, words_by="quick"
)
BEATS = BeatGrid(
    tempo_bpm=120,
    beats=(0.0, 0.5, 1.0),
    downbeats=(0.0,),
    sections=(SongSection("verse", 0.0, 6.0, 0.5),),
    energy=(0.1, 0.5, 0.9),
    length_seconds=6.0,
)


@dataclass(slots=True)
class Behaviour:
    """How the stages behave: their pace, what they tell, and what goes wrong."""

    seconds: float = 0.0
    tell: Callable[[str], None] = lambda line: None
    failures: dict[Stage, list[AuraTuneError | Exception]] = field(default_factory=dict)
    """What each run of a stage raises, first to last; a stage with nothing left works."""
    calls: list[Stage] = field(default_factory=list)
    counter_url: str = ""
    held: dict[Stage, threading.Event] = field(default_factory=dict)
    """Stages that end no sooner than their event is set."""
    first_cut: Behaviour | None = None
    """How a first cut is made; None makes none."""

    def perform(self, context: StageContext, stage: Stage) -> None:
        self.calls.append(stage)
        self.tell(stage)
        while (go_on := self.held.get(stage)) and not go_on.is_set():
            context.report(None)
            time.sleep(_TICK_SECONDS)
        start = time.monotonic()
        while (gone := time.monotonic() - start) < self.seconds:
            context.report(gone / self.seconds)
            time.sleep(_TICK_SECONDS)
        if self.failures.get(stage):
            raise self.failures[stage].pop(0)

    def count(self, stage: Stage) -> int:
        return self.calls.count(stage)


class QuickObserver:
    name = "quick"

    def __init__(self, behaviour: Behaviour) -> None:
        self._play = behaviour

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        self._play.perform(context, Stage.ANALYZE)
        with context.store.fetch(photo.key) as path:
            assert path.stat().st_size > 0
        return SCENE


class QuickWriter:
    name = "quick"

    def __init__(self, behaviour: Behaviour) -> None:
        self._play = behaviour

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        self._play.perform(context, Stage.WRITE)
        lines = (LyricLine(options.lyrics),) if options.lyrics else BRIEF.lyrics
        music = replace(BRIEF, composer=options.music, lyrics=lines)
        return replace(TREATMENT, music=music, lyrics=lines, title=options.title or "Low Sun")


class QuickComposer:
    """Pays a vendor where there is one, by the rule; otherwise, or when that is not allowed, makes do by itself."""

    vendor = EMBEDDED

    def __init__(self, behaviour: Behaviour, name: str = "quick") -> None:
        self._play = behaviour
        self.name = name

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        self._play.perform(context, Stage.ORDER)
        if not self._play.counter_url and brief.composer != VENDOR:
            return SongRequest(music_by=self.name, brief=brief)
        calls = context.ledger.entries(context.task_id)
        done = [call for call in calls if call.state is PaidState.DONE]
        if done:
            return SongRequest(music_by=VENDOR, brief=brief, reference=done[-1].reference)
        if any(call.state is PaidState.INTENT and call.attempt == context.attempt for call in calls):
            return SongRequest(music_by=self.name, brief=brief, notices=(NOT_KNOWN,))
        number = context.ledger.open(context.task_id, VENDOR, "music", "hash", attempt=context.attempt)
        reference = self._pay(context.task_id)
        units = {"credits": 10.0}
        context.ledger.close(context.task_id, VENDOR, number, PaidState.DONE, reference=reference, units=units)
        return SongRequest(music_by=VENDOR, brief=brief, reference=reference)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        self._play.perform(context, Stage.COMPOSE)
        key = context.key("song.mp3")
        with context.output("song.mp3") as path:
            path.write_bytes(b"song by " + order.music_by.encode())
        return Song(key=key, music_by=order.music_by, length_seconds=6.0, brief=order.brief, reference=order.reference)

    def _pay(self, task_id: str) -> str:
        if not self._play.counter_url:
            return "song-1"
        with urllib.request.urlopen(f"{self._play.counter_url}/songs/{task_id}", data=b"") as answer:
            return str(json.loads(answer.read())["id"])


def quick_film(behaviour: Behaviour) -> Callable[[Photo, Options, Providers, Step], Film]:
    """The journey with the same stages, and with beats, storyboard and film that cost nothing."""

    def listen(context: StageContext, song: Song, options: Options) -> BeatGrid:
        behaviour.perform(context, Stage.LISTEN)
        with context.store.fetch(song.key):
            return replace(BEATS, length_seconds=options.format.length_seconds)

    def render(
        context: StageContext, storyboard: Storyboard, photo: Photo, song: Song, behaviour: Behaviour = behaviour
    ) -> Film:
        behaviour.perform(context, Stage.RENDER)
        for name in ("film.mp4", "poster.jpg", "soundtrack.mp3"):
            with context.output(name) as path:
                path.write_bytes(f"{storyboard.look} film to a song by {song.music_by}".encode())
        return Film(
            key=context.key("film.mp4"),
            poster_key=context.key("poster.jpg"),
            soundtrack_key=context.key("soundtrack.mp3"),
            captions_key="",
            width_px=320,
            height_px=240,
            fps=30,
            length_seconds=6.0,
            size_bytes=40,
            checksum="ab" * 32,
        )

    def plan(context: StageContext, treatment: Treatment, beats: BeatGrid, seed: int) -> Storyboard:
        behaviour.perform(context, Stage.PLAN)
        return storyboard_of(treatment, beats, seed)

    def first_cut(context: StageContext, treatment: Treatment, photo: Photo, quick: Behaviour) -> FirstCut:
        request = QuickComposer(quick, "embedded").order(context, replace(treatment.music, composer=""))
        song = QuickComposer(quick, "embedded").collect(context, request)
        storyboard = storyboard_of(treatment, BEATS, photo.seed)
        film = render(context, storyboard, photo, song, quick)
        return FirstCut(request=request, song=song, beats=BEATS, storyboard=storyboard, film=film)

    def pipeline(photo: Photo, options: Options, providers: Providers, step: Step) -> Film:
        scene = step(Stage.ANALYZE, providers.vision_model.analyze, photo, options)
        treatment = step(Stage.WRITE, providers.songwriter.write, photo, scene, options)
        quick = behaviour.first_cut
        make = partial(first_cut, treatment=treatment, photo=photo, quick=quick) if quick else None
        with step.meanwhile(make):
            order = step(Stage.ORDER, providers.composer.order, treatment.music)
            song = step(Stage.COMPOSE, providers.composer.collect, order)
        beats = step(Stage.LISTEN, listen, song, options)
        storyboard = step(Stage.PLAN, plan, treatment, beats, photo.seed)
        return step(Stage.RENDER, render, storyboard, photo, song)

    return pipeline


def storyboard_of(treatment: Treatment, beats: BeatGrid, seed: int) -> Storyboard:
    whole = Framing(0.5, 0.5, 1.0)
    return Storyboard(
        width_px=320,
        height_px=240,
        fps=30,
        frame_count=180,
        seed=seed,
        title=treatment.title,
        look=treatment.look,
        shots=(Shot(first_frame=0, end_frame=180, subject="wide", move=Move("push_in", whole, whole)),),
        cues=(),
        captions=(),
        effects=(),
        beats=beats,
    )


class ToldComposer:
    """Suno's real composer with a free one below it, whose stages begin as the behaviour says."""

    name = "told"

    def __init__(self, behaviour: Behaviour, base_url: str) -> None:
        suno = SunoComposer(key="a-key", base_url=base_url, poll_seconds=0.1, stall_seconds=5.0)
        self._chain = ComposerChain([suno, QuickComposer(Behaviour(), name="embedded")])
        self._play = behaviour

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        self._play.perform(context, Stage.ORDER)
        return self._chain.order(context, brief)

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        self._play.perform(context, Stage.COMPOSE)
        return self._chain.collect(context, order)


def quick_service(
    folder: Path,
    behaviour: Behaviour,
    composer: Composer | None = None,
    store: ObjectStore | None = None,
    subprocesses: SubprocessPool | None = None,
    **options: Any,
) -> TaskService:
    providers = Providers(QuickObserver(behaviour), QuickWriter(behaviour), composer or QuickComposer(behaviour))
    return TaskService(
        providers=providers,
        store=store or LocalStore(folder),
        subprocesses=subprocesses or SubprocessPool(),
        data_folder=folder,
        pipeline=quick_film(behaviour),
        **options,
    )


def main() -> None:
    """`quick_providers.py FOLDER VENDOR_URL SECONDS [KINDS]`.

    KINDS, joined by commas, are `suno` for Suno's real composer at that address, `first-cut` for a first cut while the
    song is waited for, and `hold=STAGE` for a stage that begins and never ends; those of a first cut are called
    `first-cut-compose` and so on.
    Orders are lines of JSON: `{"upload": path, "hash": sha256, "lyrics": text, "callback_url": address}`.
    """
    folder, counter_url, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])

    def tell(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    kinds = "".join(sys.argv[4:]).split(",")

    def stages(prefix: str = "") -> Behaviour:
        held = {stage: threading.Event() for stage in Stage if f"hold={prefix}{stage}" in kinds}
        return Behaviour(seconds=seconds, tell=lambda stage: tell(f"stage {prefix}{stage}"), held=held)

    behaviour = replace(
        stages(), counter_url=counter_url, first_cut=stages(FIRST_CUT) if "first-cut" in kinds else None
    )
    composer = ToldComposer(behaviour, counter_url) if "suno" in kinds else None
    service = quick_service(
        folder, behaviour, composer, slots=2, on_outcome=lambda outcome: tell(f"ended {outcome}"), webhooks=WEBHOOKS
    )
    service.start()
    tell("ready")
    for line in sys.stdin:
        order = json.loads(line)
        upload = Upload(
            path=order["upload"],
            content_hash=order["hash"],
            size_bytes=1,
            owner="local",
            options=Options(lyrics=order["lyrics"]),
            allow_duplicate=True,
            callback_url=order["callback_url"],
        )
        tell(f"accepted {service.submit(upload).task_id}")
    service.close()


if __name__ == "__main__":
    main()
