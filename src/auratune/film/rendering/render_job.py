"""The render child: one thread draws the frames of a film while another encodes them; then what goes with it."""

from __future__ import annotations

import ctypes
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from auratune.core.context import ignore_progress
from auratune.core.ports import Report
from auratune.core.storyboard import Storyboard
from auratune.core.task import MERGING_FROM
from auratune.film.rendering.encoder import Encoder, FrameBuffer, frame_buffer
from auratune.film.rendering.frames import FrameMaker, blank_frame, source_image_for
from auratune.film.rendering.plates import to_bgr
from auratune.film.rendering.poster import poster_frame
from auratune.film.rendering.rate_control import needs_limit
from auratune.film.rendering.soundtrack import CopiedSound, MixedSound, Soundtrack
from auratune.film.rendering.text_layer import TextLayer
from auratune.film.typography.fonts import missing
from auratune.film.typography.text_images import cue_face
from auratune.film.typography.type_styles import type_style

RING_FRAMES = 3
_POSTER_QUALITY = 90
_PREPARED_BY, _DRAWN_BY = 0.02, 0.96
_REPORT_EVERY_FRAMES = 15
_MOST_NAMED = 12


def render_film(
    storyboard: Storyboard,
    photo_path: str,
    song_path: str,
    film_path: str,
    poster_path: str,
    mix_path: str,
    preview_path: str,
    mask_path: str = "",
    report: Report = ignore_progress,
) -> tuple[str, ...]:
    """Write a storyboard's film and poster to local paths; an empty `preview_path` makes no preview, and an empty
    `mask_path` no layers.

    Another child mixes the sound into `mix_path` meanwhile; only the end waits for it.
    Returns notices for the film's owner. Raises `RenderError` and `InvalidSong`.
    """
    cv2.setNumThreads(1)
    report(0.0, "Preparing the picture…")
    maker = FrameMaker(storyboard, source_image_for(storyboard, photo_path, mask_path), TextLayer(storyboard))
    limited = film_needs_limit(storyboard, maker)
    maker.draw(0, *blank_frame(storyboard.width_px, storyboard.height_px))
    _trim_memory()
    report(_PREPARED_BY, "Drawing your film…")
    with Encoder(
        film_path,
        size=(storyboard.width_px, storyboard.height_px),
        fps=storyboard.fps,
        cuts=frozenset(shot.first_frame for shot in storyboard.shots if shot.first_frame),
        sound=_sound(storyboard, song_path, mix_path),
        title=storyboard.title,
        preview_path=preview_path,
        limited=limited,
    ) as encoder:
        best = poster_frame(storyboard)

        def draw(frame: int, buffer: FrameBuffer) -> None:
            if frame == best:
                maker.draw(frame, buffer.y, buffer.uv, with_words=False)
                _write_poster(poster_path, buffer)
            maker.draw(frame, buffer.y, buffer.uv)

        for number, buffer in _draw_ahead(storyboard, draw):
            encoder.add(buffer.picture)
            if number % _REPORT_EVERY_FRAMES == 0:
                done = number / storyboard.frame_count
                report(_PREPARED_BY + (_DRAWN_BY - _PREPARED_BY) * done, "Drawing your film…")
        report(MERGING_FROM, "Joining sound and picture…")
    return _notices(storyboard)


def film_needs_limit(storyboard: Storyboard, maker: FrameMaker) -> bool:
    """Whether the film may grow too large: asked of its widest shot, which shows the most detail."""
    widest = max(storyboard.shots, key=lambda shot: shot.move.start.width + shot.move.end.width)
    y, uv = blank_frame(storyboard.width_px, storyboard.height_px)
    maker.draw((widest.first_frame + widest.end_frame) // 2, y, uv, with_words=False)
    return needs_limit(y)


def _notices(storyboard: Storyboard) -> tuple[str, ...]:
    """What of the words could not be drawn."""
    signs = [sign for cue in storyboard.cues for sign in missing(cue_face(cue.role, type_style(cue.style)), cue.text)]
    if not signs:
        return ()
    named = " ".join(dict.fromkeys(signs[:_MOST_NAMED]))
    return (f"No font here can write {named}; words with such letters are left out of the picture.",)


def _sound(storyboard: Storyboard, song_path: str, mix_path: str) -> Soundtrack:
    if storyboard.audio_codec == "mp3":
        return CopiedSound(song_path, storyboard.beats.starts_at_seconds, storyboard.length_seconds)
    return MixedSound(Path(mix_path))


def _draw_ahead(storyboard: Storyboard, draw: Callable[[int, FrameBuffer], None]) -> Iterator[tuple[int, FrameBuffer]]:
    """Frames in order, drawn by a thread of their own up to a ring ahead; a frame is drawn on again once it is left."""
    empty: queue.SimpleQueue[FrameBuffer | None] = queue.SimpleQueue()
    full: queue.SimpleQueue[FrameBuffer | BaseException] = queue.SimpleQueue()
    for _ in range(RING_FRAMES):
        empty.put(frame_buffer(storyboard.width_px, storyboard.height_px))

    def work() -> None:
        try:
            for frame in range(storyboard.frame_count):
                buffer = empty.get()
                if buffer is None:
                    return
                draw(frame, buffer)
                full.put(buffer)
        except BaseException as error:  # noqa: BLE001 -- it is raised again where the frames are waited for
            full.put(error)

    worker = threading.Thread(target=work, name="frames", daemon=True)
    worker.start()
    try:
        for number in range(storyboard.frame_count):
            buffer = full.get()
            if isinstance(buffer, BaseException):
                raise buffer
            yield number, buffer
            empty.put(buffer)
    finally:
        empty.put(None)
        worker.join()


def _write_poster(path: str, buffer: FrameBuffer) -> None:
    done, data = cv2.imencode(".jpg", to_bgr(buffer.y, buffer.uv), [cv2.IMWRITE_JPEG_QUALITY, _POSTER_QUALITY])
    assert done
    Path(path).write_bytes(data.tobytes())


def _trim_memory() -> None:
    """Hand what setting up has freed back to the system before the encoder takes its share (glibc keeps it else)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
