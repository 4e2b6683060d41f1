"""The sound of a film stands where its song has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from auratune.core.errors import InvalidSong
from auratune.film.rendering.encoder import Encoder, frame_buffer
from auratune.film.rendering.soundtrack import CopiedSound, MixedSound, Soundtrack
from auratune.music.audio import read_sound, write_mp3
from auratune.music.mixing.soundtrack import code_as_aac

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 44100
CLICKS_SECONDS = (2.0, 3.5, 5.0)
SKEW_SECONDS = 0.02


def clicks() -> np.ndarray:
    samples = np.zeros((7 * RATE, 2), np.float32)
    for second in CLICKS_SECONDS:
        samples[int(second * RATE) : int(second * RATE) + 40] = 0.9
    return samples


def mixed(samples: np.ndarray, folder: Path) -> MixedSound:
    (folder / "mix.mp4").write_bytes(code_as_aac(samples, RATE))
    return MixedSound(folder / "mix.mp4")


def lateness(sound: Soundtrack, path: Path, starts_at_seconds: float) -> list[float]:
    """How late each click is in a film with this sound, in seconds."""
    with av.open(str(path), "w") as film:
        stream = sound.add_to(film)
        for _, packet in sound.packets(stream):
            film.mux(packet)
    heard = np.abs(read_sound(str(path))[:, 0])
    late = []
    for second in CLICKS_SECONDS:
        due = second - starts_at_seconds
        first = int((due - 0.1) * RATE)
        late.append((first + int(heard[first : first + RATE // 5].argmax())) / RATE - due)
    return late


@pytest.mark.parametrize("starts_at_seconds", [0.0, 0.5, 1.234])
def test_the_songs_own_mp3_is_in_time_with_the_picture(tmp_path: Path, starts_at_seconds: float) -> None:
    write_mp3(str(tmp_path / "song.mp3"), clicks())
    sound = CopiedSound(str(tmp_path / "song.mp3"), starts_at_seconds, 5.5)
    assert max(map(abs, lateness(sound, tmp_path / "film.mp4", starts_at_seconds))) <= SKEW_SECONDS


def test_the_mixed_sound_is_in_time_with_the_picture(tmp_path: Path) -> None:
    assert max(map(abs, lateness(mixed(clicks(), tmp_path), tmp_path / "film.mp4", 0.0))) <= 0.001


def encode(path: Path, sound: MixedSound, before_frame: Callable[[int], None]) -> bytes:
    buffer = frame_buffer(64, 48)
    with Encoder(str(path), size=(64, 48), fps=30, cuts=frozenset({15}), sound=sound, title="") as encoder:
        for frame in range(60):
            before_frame(frame)
            buffer.y[:], buffer.uv[:] = 4 * frame, 128
            encoder.add(buffer.picture)
    return path.read_bytes()


@pytest.mark.parametrize("comes_at_frame", [1, 59])
def test_a_film_whose_sound_is_mixed_meanwhile_is_the_same_to_the_byte(tmp_path: Path, comes_at_frame: int) -> None:
    sound = mixed(clicks()[: 2 * RATE], tmp_path)
    at_once = encode(tmp_path / "a.mp4", sound, lambda frame: None)
    (tmp_path / "mix.mp4").rename(tmp_path / "unfinished.mp4")

    def finish(frame: int) -> None:
        if frame == comes_at_frame:
            (tmp_path / "unfinished.mp4").rename(tmp_path / "mix.mp4")

    assert encode(tmp_path / "b.mp4", sound, finish) == at_once


def test_a_song_that_is_no_mp3_cannot_keep_its_own_stream(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * RATE), np.int16), "s16", "stereo")
        frame.sample_rate = RATE
        file.mux(stream.encode(frame))
    with pytest.raises(InvalidSong, match="not an MP3"):
        CopiedSound(str(path), 0.0, 1.0)
