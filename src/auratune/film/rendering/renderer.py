"""Storyboard, photo and song to a finished film in the store: drawn and encoded in a child process of its own."""

from __future__ import annotations

import hashlib
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from auratune.core.context import StageContext
from auratune.core.errors import RenderError
from auratune.core.film import Film
from auratune.core.photo import Photo
from auratune.core.ports import Report
from auratune.core.song import Song
from auratune.core.storyboard import Storyboard
from auratune.film.rendering.preview import PreviewPublisher
from auratune.film.rendering.subtitles import write_lrc, write_vtt
from auratune.subprocesses.folders import temporary_folder

RENDER_FILM = "auratune.film.rendering.render_job:render_film"
MIX_DOWN = "auratune.film.rendering.mixdown:mix_down"
SIGN_FILM = "auratune.film.rendering.credentials:sign_film"
_CHUNK_BYTES = 1 << 20
_log = logging.getLogger(__name__)


def render(context: StageContext, storyboard: Storyboard, photo: Photo, song: Song) -> Film:
    """Draw the film and keep it, with its poster, soundtrack and captions, under keys made from the task's id.

    Nothing can be seen under those keys until all of it is there. While it works, the film so far is published in
    pieces of fragmented MP4 (`PreviewPublisher`), which stay for a while after that.
    Raises `RenderError`, `InvalidSong`, `StorageError`, `SubprocessFailed`, and whatever the context's `report` raises.
    """
    film_key, store = context.key("film.mp4"), context.store
    with ExitStack() as whole:
        photo_path = whole.enter_context(store.fetch(photo.key))
        song_path = whole.enter_context(store.fetch(song.key))
        # A film without its mask is drawn flat: a copy of a task may have outlived the mask.
        has_mask = bool(storyboard.mask_key) and store.exists(storyboard.mask_key)
        mask_path = str(whole.enter_context(store.fetch(storyboard.mask_key))) if has_mask else ""
        # The film is the last to be opened, hence the first to be kept, and what describes it follows.
        captions = {
            whole.enter_context(context.output(name)): write(storyboard)
            for name, write in (("film.lrc", write_lrc), ("captions.vtt", write_vtt))
            if storyboard.captions
        }
        soundtrack_path = whole.enter_context(context.output("soundtrack.mp3"))
        poster_path = whole.enter_context(context.output("poster.jpg"))
        film_path = whole.enter_context(context.output("film.mp4"))
        scratch = whole.enter_context(temporary_folder())
        preview = scratch / "preview.mp4"
        whole.enter_context(PreviewPublisher(store, context.task_id, preview))
        mix_path = str(scratch / "mix.mp4")
        starts_at, length = storyboard.beats.starts_at_seconds, storyboard.length_seconds
        mixing = whole.enter_context(ThreadPoolExecutor(1, "mixdown")).submit(
            context.run_in_subprocess, MIX_DOWN, str(song_path), starts_at, length, mix_path, str(soundtrack_path)
        )
        notices = context.subprocesses.run(
            RENDER_FILM,
            storyboard,
            str(photo_path),
            str(song_path),
            str(film_path),
            str(poster_path),
            mix_path,
            str(preview),
            mask_path,
            report=_unless_failed(mixing, context.report),
        )
        mixing.result()
        notices = (*notices, *_sign(context, film_path, storyboard.title))
        for path, text in captions.items():
            path.write_text(text, encoding="utf-8")
        size, checksum = film_path.stat().st_size, _sha256(film_path)
    return Film(
        key=film_key,
        poster_key=context.key("poster.jpg"),
        soundtrack_key=context.key("soundtrack.mp3"),
        captions_key=context.key("captions.vtt") if storyboard.captions else "",
        width_px=storyboard.width_px,
        height_px=storyboard.height_px,
        fps=storyboard.fps,
        length_seconds=storyboard.length_seconds,
        size_bytes=size,
        checksum=checksum,
        notices=notices,
    )


def _sign(context: StageContext, film: Path, title: str) -> tuple[str, ...]:
    """Put content credentials into the film; a notice where the certificate cannot sign any more."""
    if context.signing is None:
        return ()
    files = context.signing
    try:
        context.run_in_subprocess(SIGN_FILM, str(film), title, files.certificate, files.private_key)
    except RenderError as error:
        _log.warning("a film was not signed: %s", error.message)
        return ("This film carries no content credentials: it could not be signed.",)
    return ()


def _unless_failed(mixing: Future[None], report: Report) -> Report:
    """A report of the render child that ends it with the error of the mix which it waits for."""

    def checked(fraction: float | None, note: str = "") -> None:
        if mixing.done():
            mixing.result()
        report(fraction, note)

    return checked


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
