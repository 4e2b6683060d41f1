"""Whatever is sent as a song becomes samples, or a clear refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from auratune.core.errors import InvalidSong
from auratune.music.audio import read_sound, song_length_seconds, write_mp3

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 44100


def tone(seconds: float = 3.0, *, hz: float = 330.0, rate: int = RATE) -> NDArray[np.float32]:
    wave = 0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def chirp(seconds: float = 3.0) -> NDArray[np.float32]:
    """Different at every moment, so that a shift shows."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = 0.4 * np.sin(2 * np.pi * (200 * t + 300 * t * t))
    return np.stack([wave, 0.5 * wave], axis=1).astype(np.float32)


def encode(path: Path, codec: str, *, rate: int, layout: str, sample_format: str, **options: str) -> Path:
    channels = 1 if layout == "mono" else 2
    form = "mono" if layout == "mono" else "stereo"
    source = av.AudioFrame.from_ndarray(np.ascontiguousarray(tone().T[:channels]), "fltp", form)
    source.sample_rate = RATE
    with av.open(str(path), "w") as target:
        stream = target.add_stream(codec, rate=rate, options=options)
        stream.layout = layout
        resampler = av.AudioResampler(format=sample_format, layout=layout, rate=rate)
        for frame in [*resampler.resample(source), *resampler.resample(None)]:
            frame.pts = None
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


def id3(size: int) -> bytes:
    return b"ID3\x04\x00\x00" + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)


@pytest.mark.parametrize("kbps", [128, 192, 320])
def test_an_mp3_comes_back_sample_for_sample(tmp_path: Path, kbps: int) -> None:
    samples = chirp()
    write_mp3(str(tmp_path / "song.mp3"), samples, RATE, kbps)
    heard = read_sound(str(tmp_path / "song.mp3"))
    assert heard.shape == samples.shape
    assert heard.dtype == np.float32
    noise = np.sqrt(np.mean((heard - samples) ** 2)) / np.sqrt(np.mean(samples**2))
    assert noise < 0.06, "the sound is shifted or damaged"


def test_the_same_samples_give_the_same_mp3(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_mp3(str(tmp_path / name), chirp(1.0))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout", "sample_format", "options"),
    [
        ("eight-kilohertz-mono.wav", "pcm_s16le", 8000, "mono", "s16", {}),
        ("twenty-four-bit.wav", "pcm_s24le", 44100, "stereo", "s32", {}),
        ("variable-rate.mp3", "libmp3lame", 44100, "stereo", "fltp", {"q": "6"}),
        ("low-rate.mp3", "libmp3lame", 22050, "mono", "fltp", {}),
        ("surround.wav", "pcm_s16le", 48000, "5.1", "s16", {}),
        ("apple.m4a", "aac", 48000, "stereo", "fltp", {}),
        ("free.flac", "flac", 48000, "stereo", "s16", {}),
        ("opus.ogg", "libopus", 48000, "stereo", "s16", {}),
    ],
)
def test_many_kinds_of_sound_are_read_at_one_rate_and_level(
    tmp_path: Path, name: str, codec: str, rate: int, layout: str, sample_format: str, options: dict[str, str]
) -> None:
    path = encode(tmp_path / name, codec, rate=rate, layout=layout, sample_format=sample_format, **options)
    heard = read_sound(str(path), rate=22050)
    assert len(heard) / 22050 == pytest.approx(3.0, abs=0.06)
    assert np.abs(heard).max() == pytest.approx(0.3, abs=0.05)
    spectrum = np.abs(np.fft.rfft(heard[:22050, 1]))
    assert np.argmax(spectrum) == pytest.approx(330, abs=2)
    assert song_length_seconds(str(path)) == pytest.approx(3.0, abs=0.06)


def test_a_part_is_the_same_as_that_part_of_the_whole(tmp_path: Path) -> None:
    write_mp3(str(tmp_path / "song.mp3"), chirp(4.0))
    whole = read_sound(str(tmp_path / "song.mp3"))
    part = read_sound(str(tmp_path / "song.mp3"), starts_at_seconds=1.5, length_seconds=1.25)
    assert np.array_equal(part, whole[66150 : 66150 + 55125])


def test_a_huge_tag_before_the_sound_does_no_harm(tmp_path: Path) -> None:
    write_mp3(str(tmp_path / "song.mp3"), chirp())
    (tmp_path / "tagged.mp3").write_bytes(id3(5_000_000) + (tmp_path / "song.mp3").read_bytes())
    assert np.array_equal(read_sound(str(tmp_path / "tagged.mp3")), read_sound(str(tmp_path / "song.mp3")))


def test_a_song_that_breaks_off_gives_what_there_is(tmp_path: Path) -> None:
    write_mp3(str(tmp_path / "song.mp3"), chirp())
    data = (tmp_path / "song.mp3").read_bytes()
    (tmp_path / "half.mp3").write_bytes(data[: len(data) // 2])
    half = read_sound(str(tmp_path / "half.mp3"))
    assert 1.3 < len(half) / RATE < 1.6
    assert np.array_equal(half[:44100], read_sound(str(tmp_path / "song.mp3"))[:44100])


def test_damage_in_the_middle_is_left_out(tmp_path: Path) -> None:
    write_mp3(str(tmp_path / "song.mp3"), chirp())
    data = bytearray((tmp_path / "song.mp3").read_bytes())
    data[20000:26000] = np.random.default_rng(3).bytes(6000)
    (tmp_path / "damaged.mp3").write_bytes(data)
    heard = read_sound(str(tmp_path / "damaged.mp3"))
    assert 2.5 < len(heard) / RATE <= 3.01
    assert np.isfinite(heard).all()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "song_not_audio"),
        (b"<!doctype html><title>Not found</title>" + b"<p>sorry</p>" * 400, "song_not_audio"),
        (np.random.default_rng(0).bytes(200_000), "song_not_audio"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.mp3\n#EXT-X-ENDLIST\n", "song_not_audio"),
        (b"ffconcat version 1.0\nfile secret.mp3\n", "song_not_audio"),
    ],
    ids=["nothing", "a web page", "noise", "a playlist", "a list of files"],
)
def test_what_is_not_sound_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    write_mp3(str(tmp_path / "secret.mp3"), tone())
    (tmp_path / "song.mp3").write_bytes(content)
    with pytest.raises(InvalidSong) as refusal:
        read_sound(str(tmp_path / "song.mp3"))
    assert refusal.value.code == code
    assert str(tmp_path) not in refusal.value.message


def test_a_missing_a_silent_and_a_very_short_song_are_refused(tmp_path: Path) -> None:
    write_mp3(str(tmp_path / "silent.mp3"), np.zeros((RATE, 2), np.float32))
    write_mp3(str(tmp_path / "short.mp3"), tone(0.2))
    for name, code in (("none.mp3", "song_missing"), ("silent.mp3", "song_silent"), ("short.mp3", "song_too_short")):
        with pytest.raises(InvalidSong) as refusal:
            read_sound(str(tmp_path / name))
        assert refusal.value.code == code
