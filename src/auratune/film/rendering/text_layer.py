"""The words of a film, laid on its frames one cue after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auratune.core.storyboard import Storyboard, TypeCue
from auratune.film.pixels import Pixels
from auratune.film.rendering.text_overlay import TextOverlay
from auratune.film.typography.reveals import REVEALS, Reveal, flicker, shown
from auratune.film.typography.text_images import TextImage, opacity, rasterize

_WORD_FRAMES = 5
"""How many frames a word takes to come in when it is sung."""


@dataclass(frozen=True, slots=True)
class _Cue:
    overlay: TextOverlay
    reveal: Reveal
    word_count: int


class TextLayer:
    """Draws cues; a cue is set when its first frame comes, and dropped after its last."""

    def __init__(self, storyboard: Storyboard) -> None:
        self._storyboard = storyboard
        self._set: dict[TypeCue, _Cue | None] = {}

    def __call__(self, frame: int, y: Pixels, uv: Pixels, fade: float, behind: bool) -> None:
        """Draw the cues of a frame, those behind the subject or the others; `fade` is the film's own."""
        for cue in self._storyboard.cues:
            if cue.behind != behind:
                continue
            if not cue.first_frame <= frame < cue.end_frame:
                self._set.pop(cue, None)
                continue
            if cue not in self._set:
                self._set[cue] = self._make(cue)
            made = self._set[cue]
            if made is not None:
                self._draw(made, cue, frame, y, uv, fade)

    def _make(self, cue: TypeCue) -> _Cue | None:
        size = self._storyboard.width_px, self._storyboard.height_px
        image = rasterize(cue, *size)
        if image is None:
            return None
        reveal = REVEALS.get(cue.reveal, REVEALS["fade"])
        order = _word_order(image) if cue.word_frames else None
        if order is None and cue.reveal_frames:
            order = np.asarray(reveal.order(image.rgba.shape[:2], image.words, image.letters), np.float32)
        return _Cue(TextOverlay(image.rgba, image.x_px, image.y_px, size, order), reveal, len(image.words))

    def _draw(self, made: _Cue, cue: TypeCue, frame: int, y: Pixels, uv: Pixels, fade: float) -> None:
        light = opacity(cue, frame) * fade
        order = made.overlay.order if not made.overlay.is_empty else None
        if order is None:
            made.overlay.draw(y, uv, light)
        elif cue.word_frames:
            made.overlay.draw(y, uv, light, _sung(order, cue, made.word_count, frame))
        else:
            progress = (frame - cue.first_frame + 1) / max(1, cue.reveal_frames)
            if progress >= 1:
                made.overlay.draw(y, uv, light)
                return
            if made.reveal.flickers:
                light *= flicker(progress)
            made.overlay.draw(y, uv, light, shown(order, made.reveal, progress))


def _word_order(image: TextImage) -> NDArray[np.float32]:
    """The number of the word that each pixel belongs to."""
    order = np.zeros(image.rgba.shape[:2], np.float32)
    for number, (left, top, right, bottom) in enumerate(image.words):
        order[max(0, top) : bottom, max(0, left) : right] = number
    return order


def _sung(order: NDArray[np.float32], cue: TypeCue, word_count: int, frame: int) -> NDArray[np.float32]:
    """Each word from the frame on in which it is sung."""
    frames = [*cue.word_frames, *([cue.word_frames[-1]] * max(0, word_count - len(cue.word_frames)))]
    there = np.clip([(frame - start + 1) / _WORD_FRAMES for start in frames], 0, 1).astype(np.float32)
    return np.asarray(there[np.minimum(order.astype(np.intp), len(frames) - 1)], np.float32)
