"""How words come in: for each pixel of a text, when it appears, and how bright the whole is on the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int, int, int]
"""Left, top, right, bottom of a word or a letter, in pixels of the text's picture."""
Order = NDArray[np.float32]
"""For each pixel, 0 (first) to 1 (last)."""


@dataclass(frozen=True, slots=True)
class Reveal:
    """A way for words to come in."""

    order: Callable[[tuple[int, int], Sequence[Span], Sequence[Span]], Order]
    """From the picture's (height, width), the spans of its words, and those of its letters."""
    softness: float = 0.15
    """How much of the time a single pixel takes to appear."""
    flickers: bool = False


def _across(size: tuple[int, int]) -> Order:
    return np.broadcast_to((np.arange(size[1], dtype=np.float32) + 0.5) / size[1], size)


def _down(size: tuple[int, int]) -> Order:
    return np.broadcast_to(((np.arange(size[0], dtype=np.float32) + 0.5) / size[0])[:, None], size)


def _fade(size: tuple[int, int], words: Sequence[Span], letters: Sequence[Span]) -> Order:
    del words, letters
    return np.zeros(size, np.float32)


def _wipe(size: tuple[int, int], words: Sequence[Span], letters: Sequence[Span]) -> Order:
    """From left to right, line by line, as a hand writes."""
    del letters
    order = _across(size).copy()
    tops = sorted({word[1] for word in words})
    for number, top in enumerate(tops):
        bottom = tops[number + 1] if number + 1 < len(tops) else size[0]
        order[0 if number == 0 else top : bottom] = (number + _across(size)[0]) / max(1, len(tops))
    return order


def _rise(size: tuple[int, int], words: Sequence[Span], letters: Sequence[Span]) -> Order:
    del words, letters
    return 1 - _down(size)


def _iris(size: tuple[int, int], words: Sequence[Span], letters: Sequence[Span]) -> Order:
    """From the middle outwards."""
    del words, letters
    return np.abs(_across(size) * 2 - 1)


def _blinds(size: tuple[int, int], words: Sequence[Span], letters: Sequence[Span]) -> Order:
    """In slanting slats."""
    del words, letters
    return (_across(size) * 7 + _down(size)) % 1.0 * 0.6 + 0.4 * _across(size)


def _one_by_one(size: tuple[int, int], spans: Sequence[Span]) -> Order:
    order = np.zeros(size, np.float32)
    for number, (left, top, right, bottom) in enumerate(spans):
        order[max(0, top) : bottom, max(0, left) : right] = number / max(1, len(spans) - 1)
    return order


def _words(size: tuple[int, int], words: Sequence[Span], letters: Sequence[Span]) -> Order:
    del letters
    return _one_by_one(size, words)


def _letters(size: tuple[int, int], words: Sequence[Span], letters: Sequence[Span]) -> Order:
    """In an order that looks like chance and is the same each time."""
    del words
    mixed = sorted(range(len(letters)), key=lambda index: (index * 0.618034) % 1)
    return _one_by_one(size, [letters[index] for index in mixed])


REVEALS: dict[str, Reveal] = {
    "fade": Reveal(_fade, softness=1.0),
    "wipe": Reveal(_wipe, softness=0.12),
    "rise": Reveal(_rise, softness=0.5),
    "iris": Reveal(_iris, softness=0.6),
    "blinds": Reveal(_blinds, softness=0.2),
    "words": Reveal(_words, softness=0.06),
    "letters": Reveal(_letters, softness=0.35),
    "flicker": Reveal(_fade, softness=0.2, flickers=True),
}


def shown(order: Order, reveal: Reveal, progress: float) -> Order:
    """How much of each pixel is there at a progress of 0 to 1."""
    start = progress * (1 + reveal.softness)
    ramp: Order = np.clip((start - order) / np.float32(max(1e-3, reveal.softness)), 0, 1)
    return ramp


def flicker(progress: float) -> float:
    """The light of a neon tube that is switched on, 0 to 1."""
    if progress >= 0.85:
        return 1.0
    pulse = math.sin(61 * progress) * math.sin(23 * progress + 1)
    return 0.15 + 0.85 * max(0.0, min(1.0, progress + 0.9 * pulse))
