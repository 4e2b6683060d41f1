"""No film is too large, and only those that would be are held down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from auratune.film.rendering.encoder import Encoder, frame_buffer
from auratune.film.rendering.rate_control import needs_limit
from auratune.film.rendering.soundtrack import MixedSound
from auratune.music.mixing.soundtrack import code_as_aac

if TYPE_CHECKING:
    from pathlib import Path

FPS, SECONDS, SIZE = 30, 4, (640, 480)
MOST_BYTES = 3_700_000 / 8 * (3 + SECONDS)
"""A full buffer of three seconds, and the rate after that."""


def noise(width_px: int, height_px: int) -> np.ndarray:
    return np.random.default_rng(1).integers(16, 235, (height_px, width_px), np.uint8)


def film_of_noise(folder: Path, *, limited: bool) -> int:
    """The size in bytes of a film whose every frame is new noise."""
    (folder / "mix.mp4").write_bytes(code_as_aac(np.zeros((SECONDS * 44100, 2), np.float32), 44100))
    path, buffer, picture = folder / "film.mp4", frame_buffer(*SIZE), noise(*SIZE)
    sound = MixedSound(folder / "mix.mp4")
    with Encoder(str(path), size=SIZE, fps=FPS, cuts=frozenset(), sound=sound, title="", limited=limited) as encoder:
        for frame in range(FPS * SECONDS):
            buffer.y[:], buffer.uv[:] = np.roll(picture, 7919 * frame), 128
            encoder.add(buffer.picture)
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == FPS * SECONDS
    return path.stat().st_size


def test_the_busiest_picture_stays_within_the_limit(tmp_path: Path) -> None:
    assert film_of_noise(tmp_path, limited=True) < MOST_BYTES < film_of_noise(tmp_path, limited=False)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (noise(1440, 1080), True),
        (np.repeat(np.repeat(noise(180, 135), 8, 0), 8, 1), False),
        (noise(320, 240), False),
        (np.full((1080, 1440), 90, np.uint8), False),
    ],
    ids=["noise", "large tiles", "noise in a small film", "a plain wall"],
)
def test_only_a_film_that_would_grow_too_large_is_limited(frame: np.ndarray, expected: bool) -> None:
    assert needs_limit(frame) is expected
