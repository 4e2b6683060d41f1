"""The opening of a song is in hand long before the song is, whatever the line does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from auratune.core.errors import InvalidSong
from auratune.music.audio import read_sound, write_mp3
from auratune.music.song_stream import read_opening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RATE = 44100
SONG_SECONDS = 24.0


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    t = np.arange(int(SONG_SECONDS * RATE)) / RATE
    wave = 0.4 * np.sin(2 * np.pi * (200 * t + 60 * t * t)) * (0.6 + 0.4 * np.sin(2 * np.pi * 2 * t))
    path = tmp_path_factory.mktemp("song") / "song.mp3"
    write_mp3(str(path), np.stack([wave, wave], axis=1).astype(np.float32))
    return path.read_bytes()


class Line:
    """A server's bytes, in chunks, which drops the connection where it is told to."""

    def __init__(
        self, data: bytes, *, chunk: int = 4000, drop_after: tuple[int, ...] = (), ranges: bool = True
    ) -> None:
        self.data, self.chunk, self.drop_after, self.ranges = data, chunk, list(drop_after), ranges
        self.offsets: list[int] = []

    def __call__(self, offset: int) -> Iterator[bytes]:
        self.offsets.append(offset)
        drop = self.drop_after.pop(0) if self.drop_after else None
        position = offset if self.ranges else 0
        sent = 0
        while position < len(self.data):
            piece = self.data[position : position + self.chunk]
            yield piece
            position += len(piece)
            sent += len(piece)
            if drop is not None and sent >= drop:
                raise ConnectionResetError


def no_wait(seconds: float) -> None:
    del seconds


def prefix(path: Path, seconds: float) -> np.ndarray:
    return read_sound(str(path), length_seconds=seconds)


def test_reading_stops_as_soon_as_enough_can_be_decoded(song: bytes, tmp_path: Path) -> None:
    opening = read_opening(Line(song), str(tmp_path / "opening.mp3"), seconds=5.0)
    assert 5.0 <= opening.seconds < 5.4
    assert not opening.ended
    assert opening.bytes_read < len(song) * 0.25


def test_a_long_song_costs_a_small_part_of_its_bytes(song: bytes, tmp_path: Path) -> None:
    # 150 s from 32 s in hand: what a film of half a minute needs of a song of usual length.
    frames = song[song.index(b"\xff\xfb", 1000) :]
    long = frames * 7
    opening = read_opening(Line(long, chunk=16384), str(tmp_path / "opening.mp3"), seconds=32.0)
    assert opening.bytes_read / (len(song) * 150 / SONG_SECONDS) <= 0.30


@pytest.mark.parametrize("chunk", [1, 417, 1000, 65536])
def test_the_opening_sounds_exactly_like_the_whole_song(song: bytes, tmp_path: Path, chunk: int) -> None:
    (tmp_path / "whole.mp3").write_bytes(song)
    read_opening(Line(song, chunk=chunk), str(tmp_path / "opening.mp3"), seconds=4.0)
    assert np.array_equal(prefix(tmp_path / "opening.mp3", 4.0), prefix(tmp_path / "whole.mp3", 4.0))


def test_a_stream_without_a_header_frame_is_read_alike(song: bytes, tmp_path: Path) -> None:
    live = song[song.index(b"\xff\xfb", 1000) :]
    (tmp_path / "whole.mp3").write_bytes(live)
    read_opening(Line(live), str(tmp_path / "opening.mp3"), seconds=4.0)
    assert np.array_equal(prefix(tmp_path / "opening.mp3", 4.0), prefix(tmp_path / "whole.mp3", 4.0))


@pytest.mark.parametrize("ranges", [True, False], ids=["with ranges", "always from the start"])
def test_dropped_connections_are_taken_up_again(song: bytes, tmp_path: Path, ranges: bool) -> None:
    (tmp_path / "whole.mp3").write_bytes(song)
    line = Line(song, drop_after=(20_000, 60_000, 90_000), ranges=ranges)
    waits: list[float] = []
    opening = read_opening(line, str(tmp_path / "opening.mp3"), seconds=8.0, wait=waits.append)
    assert opening.reconnects == 3
    assert line.offsets[1] > 19_000
    assert all(wait <= 8 for wait in waits)
    assert np.array_equal(prefix(tmp_path / "opening.mp3", 8.0), prefix(tmp_path / "whole.mp3", 8.0))


def test_a_line_that_stays_down_is_given_up_and_may_be_tried_later(song: bytes, tmp_path: Path) -> None:
    def down(offset: int) -> Iterator[bytes]:
        if offset == 0:
            yield song[:30_000]
        raise TimeoutError

    with pytest.raises(InvalidSong) as refusal:
        read_opening(down, str(tmp_path / "opening.mp3"), seconds=8.0, wait=no_wait)
    assert refusal.value.code == "song_broke_off"
    assert refusal.value.retryable


def test_errors_of_the_transport_are_told_by_the_caller(song: bytes, tmp_path: Path) -> None:
    class Dropped(Exception):
        pass

    calls = []

    def line(offset: int) -> Iterator[bytes]:
        calls.append(offset)
        yield song[offset : offset + 40_000]
        raise Dropped

    opening = read_opening(line, str(tmp_path / "opening.mp3"), seconds=4.0, broken=(Dropped,), wait=no_wait)
    assert opening.seconds > 4.0
    with pytest.raises(Dropped):
        read_opening(line, str(tmp_path / "opening.mp3"), seconds=4.0, wait=no_wait)


def test_a_stream_that_pauses_while_the_song_is_made_is_asked_again(song: bytes, tmp_path: Path) -> None:
    made = [60_000, 100_000, len(song)]

    def growing(offset: int) -> Iterator[bytes]:
        yield song[offset : made.pop(0) if len(made) > 1 else made[0]]

    opening = read_opening(growing, str(tmp_path / "opening.mp3"), seconds=8.0, wait=no_wait)
    assert opening.seconds > 8.0


def test_a_short_song_is_read_to_its_end(song: bytes, tmp_path: Path) -> None:
    opening = read_opening(Line(song), str(tmp_path / "opening.mp3"), seconds=60.0, wait=no_wait)
    assert opening.ended
    assert opening.seconds == pytest.approx(SONG_SECONDS, abs=0.1)
    (tmp_path / "whole.mp3").write_bytes(song)
    assert np.array_equal(read_sound(str(tmp_path / "opening.mp3")), read_sound(str(tmp_path / "whole.mp3")))


def test_a_huge_tag_is_passed_over_without_being_kept(song: bytes, tmp_path: Path) -> None:
    size = 3_000_000
    tag = b"ID3\x04\x00\x00" + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0)) + b"\xff" * size
    opening = read_opening(Line(tag + song, chunk=50_000), str(tmp_path / "opening.mp3"), seconds=4.0)
    assert opening.seconds >= 4.0
    assert (tmp_path / "opening.mp3").stat().st_size < 200_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>502 Bad Gateway</body></html>" * 50,
        np.random.default_rng(1).bytes(400_000),
        b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(200_000),
        b"\xff\xfb\x90\x64" * 30_000,
    ],
    ids=["nothing", "a web page", "noise", "a WAV file", "headers without frames"],
)
def test_what_is_not_mp3_is_refused_early(data: bytes, tmp_path: Path) -> None:
    line = Line(data)
    with pytest.raises(InvalidSong) as refusal:
        read_opening(line, str(tmp_path / "opening.mp3"), seconds=30.0, wait=no_wait)
    assert refusal.value.code == "song_not_mp3"


def test_bytes_and_time_are_bounded(song: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidSong) as refusal:
        read_opening(Line(song), str(tmp_path / "o.mp3"), seconds=20.0, most_bytes=100_000)
    assert refusal.value.code == "song_too_big"
    now = [0.0]

    def slow(offset: int) -> Iterator[bytes]:
        for start in range(offset, len(song), 100):
            now[0] += 1.0
            yield song[start : start + 100]

    with pytest.raises(InvalidSong) as refusal:
        read_opening(slow, str(tmp_path / "o.mp3"), seconds=20.0, most_seconds=60.0, clock=lambda: now[0])
    assert refusal.value.code == "song_too_slow"


def test_another_song_after_a_reconnect_is_noticed(song: bytes, tmp_path: Path) -> None:
    def fickle() -> Callable[[int], Iterator[bytes]]:
        calls = []

        def line(offset: int) -> Iterator[bytes]:
            calls.append(offset)
            if len(calls) == 1:
                yield song[:40_000]
                raise ConnectionResetError
            yield bytes(reversed(song))[offset:]

        return line

    with pytest.raises(InvalidSong) as refusal:
        read_opening(fickle(), str(tmp_path / "o.mp3"), seconds=20.0, wait=no_wait)
    assert refusal.value.code == "song_changed"
