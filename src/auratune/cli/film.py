"""`auratune film`: a film here and now, by plain calls, without the service."""

from __future__ import annotations

import hashlib
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, cast

import typer
from rich.markup import escape

from auratune.cli.console import plain_errors, print_json, quiet_logs, screen
from auratune.cli.progress import progress
from auratune.core.background import BackgroundWork
from auratune.core.context import MemoryLedger, StageContext
from auratune.core.errors import InvalidOption, InvalidPhoto
from auratune.core.options import ASPECTS, Options
from auratune.core.task import Stage
from auratune.pipeline import make_film
from auratune.settings import Settings, load_settings
from auratune.storage.local import LocalStore
from auratune.subprocesses import SubprocessPool
from auratune.subprocesses.folders import temporary_folder
from auratune.tasks.task_columns import notices_of
from auratune.telemetry import Telemetry
from auratune.wiring import PRELOAD, build_providers, check_signing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Concatenate

    from auratune.cli.progress import Begin
    from auratune.core.film import Film, FirstCut
    from auratune.core.options import Captions
    from auratune.core.photo import Photo
    from auratune.core.ports import ObjectStore, Report
    from auratune.core.providers import MakeFirstCut
    from auratune.core.song import Song

P = ParamSpec("P")
R = TypeVar("R")

TASK = "film"
WORDS = {
    Stage.ANALYZE: "Looking at the photo",
    Stage.WRITE: "Writing the words",
    Stage.ORDER: "Asking for a song",
    Stage.COMPOSE: "Making the music",
    Stage.LISTEN: "Finding the beat",
    Stage.PLAN: "Planning the shots",
    Stage.RENDER: "Drawing the film",
}


def film(
    photo: Annotated[Path, typer.Argument(help="A JPEG, PNG, WebP, AVIF, HEIC or GIF.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file or a folder [default: PHOTO.mp4]")] = None,
    seconds: Annotated[float | None, typer.Option(help="Length, 5 to 60 [default: VIDEO_SECONDS or 30]")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, another film [default: from the photo]")] = None,
    style: Annotated[str, typer.Option(help="A look, a music style, or words of your own.")] = "",
    aspect: Annotated[str, typer.Option(help="source, 16:9, 9:16 or 1:1.")] = "source",
    title: Annotated[str, typer.Option(help="Your own title.")] = "",
    lyrics: Annotated[str, typer.Option(help="Your own lyrics; a blank line begins a new part.")] = "",
    instrumental: Annotated[bool, typer.Option("--instrumental", help="No lyrics.")] = False,
    captions: Annotated[str, typer.Option(help="burned, soft or off.")] = "burned",
    fps: Annotated[int | None, typer.Option(help="24, 25, 30 or 60 [default: VIDEO_FPS or 30]")] = None,
    size: Annotated[int | None, typer.Option(help="Short edge in pixels [default: VIDEO_SHORT_EDGE or 1080]")] = None,
    letterbox: Annotated[bool, typer.Option("--letterbox", help="Bars to 2.39:1.")] = False,
    midi: Annotated[Path | None, typer.Option(help="Also write the built-in composer's score as MIDI here.")] = None,
    stems: Annotated[Path | None, typer.Option(help="Also write its parts as WAV files into this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make a film from one photo."""
    with plain_errors():
        changes: dict[str, Any] = {"video_seconds": seconds, "video_fps": fps, "video_short_edge": size}
        settings = load_settings(**{name: value for name, value in changes.items() if value is not None})
        quiet_logs(settings)
        _one_of("aspect", aspect, ASPECTS)
        _one_of("captions", captions, ("burned", "soft", "off"))
        shape = replace(settings.film_format, aspect=aspect, captions=cast("Captions", captions), letterbox=letterbox)
        options = Options(style=style, title=title, lyrics=lyrics, instrumental=instrumental, format=shape)
        target = out if out and not out.is_dir() else _free_name(photo, out or Path.cwd())
        with SubprocessPool(*PRELOAD) as subprocesses:
            result = make_here(photo, options, settings, target, subprocesses, seed=seed, show=not as_json)
            _export_score(result.values[Stage.COMPOSE], midi, stems, subprocesses)
        if as_json:
            print_json(result.as_dict())
        else:
            _tell(result)


@dataclass(slots=True)
class Result:
    """What one run made."""

    target: Path
    film: Film
    seed: int
    values: dict[Stage, Any] = field(default_factory=dict)
    stage_seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The result for a program."""
        treatment, song, beats = (self.values[stage] for stage in (Stage.WRITE, Stage.COMPOSE, Stage.LISTEN))
        return {
            "film": str(self.target),
            "title": treatment.title,
            "lyrics": "\n".join(line.text for line in treatment.lyrics),
            "look": treatment.look,
            "words_by": treatment.words_by,
            "music_by": song.music_by,
            "tempo_bpm": round(beats.tempo_bpm, 2),
            "seed": self.seed,
            "width": self.film.width_px,
            "height": self.film.height_px,
            "fps": self.film.fps,
            "duration_seconds": self.film.length_seconds,
            "file_size": self.film.size_bytes,
            "sha256": self.film.checksum,
            "notices": list(notices_of(self.values)),
            "stage_seconds": {stage: round(taken, 2) for stage, taken in self.stage_seconds.items()},
        }


def make_here(
    picture: Path,
    options: Options,
    settings: Settings,
    target: Path,
    subprocesses: SubprocessPool,
    *,
    seed: int | None = None,
    show: bool = True,
) -> Result:
    """Make a film by plain calls and put it at the target. Raises any `AuraTuneError`."""
    signing, _ = check_signing(settings)
    ledger = MemoryLedger(daily_cap=settings.daily_paid_calls)
    with temporary_folder() as folder, progress(show) as begin:
        store = LocalStore(folder)
        photo = _accept(picture, store, subprocesses)
        if seed is not None:
            photo = replace(photo, seed=seed % 2**32)
        plain = StageContext(
            task_id=TASK,
            prefix=f"tasks/{TASK}/1",
            store=store,
            ledger=ledger,
            subprocesses=subprocesses,
            signing=signing,
        )
        steps = _Steps(plain, begin, target)
        film = make_film(photo, options, build_providers(settings, Telemetry()), steps)
        _keep(store, film.key, target)
    return Result(target=target, film=film, seed=photo.seed, values=steps.values, stage_seconds=steps.stage_seconds)


class _Steps:
    """The pipeline's `step` as plain calls, each with a row of its own on the screen."""

    def __init__(self, context: StageContext, begin: Begin, target: Path) -> None:
        self.values: dict[Stage, Any] = {}
        self.stage_seconds: dict[str, float] = {}
        self._context, self._begin, self._target = context, begin, target

    def __call__(
        self, stage: Stage, function: Callable[Concatenate[StageContext, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        began = time.monotonic()
        report = self._row(WORDS[stage])
        result = function(self._in(stage.value, report), *args, **kwargs)
        report(1.0)
        self.values[stage] = result
        self.stage_seconds[stage.value] = time.monotonic() - began
        return result

    @contextmanager
    def meanwhile(self, make: MakeFirstCut | None) -> Iterator[Callable[[], FirstCut | None]]:
        """Put a first cut at the target while the block runs."""
        if make is None:
            yield lambda: None
            return

        def work(report: Report) -> FirstCut:
            first_cut = make(self._in("first-cut", report))
            _keep(self._context.store, first_cut.film.key, self._target)
            report(1.0)
            return first_cut

        with BackgroundWork(work, self._row(f"A first cut, as {self._target.name}")) as background:
            yield lambda: background.result

    def _in(self, folder: str, report: Report) -> StageContext:
        return replace(self._context, prefix=f"{self._context.prefix}/{folder}", report=report)

    def _row(self, words: str) -> Report:
        tell = self._begin(words)

        def report(fraction: float | None, note: str = "") -> None:
            del note
            if fraction is not None:
                tell(fraction)

        return report


def _export_score(song: Song, midi: Path | None, stems: Path | None, subprocesses: SubprocessPool) -> None:
    """Write score and stems where they were asked for. Raises `InvalidOption` for a song that was made elsewhere."""
    if not (midi or stems):
        return
    if song.music_by != "embedded":
        raise InvalidOption(
            f"Score and stems can only be had of the built-in composer; this song is by {song.music_by}."
        )
    if midi:
        midi.parent.mkdir(parents=True, exist_ok=True)
        subprocesses.run("auratune.music.export:export_midi", song.brief, str(midi.resolve()))
    if stems:
        stems.mkdir(parents=True, exist_ok=True)
        subprocesses.run("auratune.music.export:export_stems", song.brief, str(stems.resolve()))


def _accept(picture: Path, store: LocalStore, subprocesses: SubprocessPool) -> Photo:
    if not picture.is_file():
        raise InvalidPhoto(f"There is no file called {picture.name}; check its name.", code="photo_not_found")
    content_hash = hashlib.sha256(picture.read_bytes()).hexdigest()
    key = f"photos/{TASK}.jpg"
    with store.create(key, content_type="image/jpeg") as draft:
        photo: Photo = subprocesses.run(
            "auratune.vision.decode:normalise", str(picture.resolve()), str(draft), key, content_hash
        )
    return photo


def _keep(store: ObjectStore, key: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    try:
        with store.fetch(key) as made:
            shutil.copyfile(made, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidOption(f"--{name} must be one of {', '.join(known)}.")


def _free_name(photo: Path, folder: Path) -> Path:
    """PHOTO.mp4 in the folder, or PHOTO-2.mp4 and so on: a film that is there already is never overwritten unasked."""
    name = folder / f"{photo.stem}.mp4"
    number = 2
    while name.exists():
        name = folder / f"{photo.stem}-{number}.mp4"
        number += 1
    return name


def _tell(result: Result) -> None:
    made = result.as_dict()
    facts = f"{made['look']}, {made['tempo_bpm']:.0f} BPM, seed {made['seed']}"
    screen.print(f"\n[bold]{escape(made['title'])}[/]  [dim]{facts}[/]")
    for notice in made["notices"]:
        screen.print(f"[yellow]·[/] {escape(notice)}")
    screen.print(
        f"{made['width']}×{made['height']}, {made['duration_seconds']:.1f} s, {made['file_size'] / 1e6:.1f} MB"
        f" → [bold cyan]{escape(str(result.target))}[/]"
    )
