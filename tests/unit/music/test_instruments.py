"""Every instrument begins and ends in silence, stays in tune, and answers to touch and light."""

from __future__ import annotations

import numpy as np
import pytest

from auratune.music.composition.drums import PIECES
from auratune.music.instruments import INSTRUMENTS
from auratune.music.instruments.synthesis import RATE, Sound, SoundCache, Stroke, hz
from auratune.music.styles import STYLES

UNPITCHED = {"soft-kit", "electronic-kit", "percussion", "transitions", "texture"}
PITCHED = sorted(set(INSTRUMENTS) - UNPITCHED)
LOW = {"finger-bass", "sub-bass", "synth-bass"}


def drum_pieces() -> list[tuple[str, int]]:
    """Every drum that some style asks of some kit."""
    asked = set()
    for style in STYLES.values():
        for drums in (style.drums, style.percussion):
            if drums is not None:
                for groove in (*drums.beats, *drums.tops, *drums.fills):
                    asked |= {(drums.instrument, PIECES[piece]) for piece in groove}
                if drums.crash:
                    asked.add((drums.instrument, PIECES["crash"]))
    return sorted(asked)


def home_of(name: str) -> int:
    return 36 if name in LOW else 76 if name in {"bell", "flute"} else 60


def mono(sound: Sound) -> Sound:
    return sound if sound.ndim == 1 else sound.mean(axis=0)


def centroid_hz(sound: Sound) -> float:
    power = np.abs(np.fft.rfft(mono(sound))) ** 2
    return float((np.fft.rfftfreq(sound.shape[-1], 1 / RATE) * power).sum() / power.sum())


def cents_off(sound: Sound, wanted_hz: float) -> float:
    """How far the strongest of the first three harmonics lies from where it should be."""
    steady = mono(sound)[RATE // 20 : RATE]
    size = 1 << 19
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady)), size))
    found = []
    for harmonic in (1, 2, 3):
        low, high = (int(wanted_hz * harmonic * factor * size / RATE) for factor in (0.97, 1.03))
        peak = low + int(np.argmax(spectrum[low:high]))
        found.append((spectrum[peak], 1200 * np.log2(peak * RATE / size / (wanted_hz * harmonic))))
    return float(max(found)[1])


def test_there_are_more_than_ten_of_them_and_all_are_used() -> None:
    assert len(INSTRUMENTS) >= 10
    used = {"transitions"}
    for style in STYLES.values():
        used |= {name for seat in (*style.seats, style.colour) for name in seat.instruments}
        used |= {drums.instrument for drums in (style.drums, style.percussion) if drums}
    assert used == set(INSTRUMENTS)


@pytest.mark.parametrize("name", PITCHED)
def test_a_note_is_clean(name: str) -> None:
    for pitch in (home_of(name) - 7, home_of(name), home_of(name) + 12):
        for velocity in (0.2, 0.9):
            sound = INSTRUMENTS[name](Stroke(pitch, 0.8, velocity), SoundCache())
            assert sound.dtype == np.float32
            assert sound.ndim == 1 or sound.shape[0] == 2
            assert np.isfinite(sound).all()
            assert 0.01 < np.abs(sound).max() < 1.0
            assert np.abs(sound[..., 0]).max() < 0.01, "it would click at the start"
            assert np.abs(sound[..., -1]).max() < 0.002, "it would click at the end"
            assert 0.7 * RATE < sound.shape[-1] < 4 * RATE


@pytest.mark.parametrize("name", PITCHED)
def test_a_note_is_in_tune(name: str) -> None:
    for pitch in (home_of(name) - 5, home_of(name), home_of(name) + 9, home_of(name) + 16):
        sound = INSTRUMENTS[name](Stroke(pitch, 1.0, 0.8), SoundCache())
        assert abs(cents_off(sound, hz(pitch))) < 9


@pytest.mark.parametrize("name", PITCHED)
def test_harder_is_louder_and_a_lighter_picture_is_brighter(name: str) -> None:
    play, cache = INSTRUMENTS[name], SoundCache()
    pitch = home_of(name)
    levels = [float(np.square(play(Stroke(pitch, 0.6, velocity), cache)).mean()) for velocity in (0.25, 0.5, 0.75, 1.0)]
    assert levels == sorted(levels)
    colours = [centroid_hz(play(Stroke(pitch, 0.6, 0.8, brightness), cache)) for brightness in (0.0, 0.5, 1.0)]
    assert colours == sorted(colours)
    assert colours[-1] > colours[0]


@pytest.mark.parametrize(("kit", "pitch"), drum_pieces())
def test_a_hit_is_clean_and_no_two_in_a_row_are_the_same(kit: str, pitch: int) -> None:
    hits = [INSTRUMENTS[kit](Stroke(pitch, 0.1, 0.8, 0.5, take), SoundCache()) for take in (0, 1)]
    for hit in hits:
        assert np.isfinite(hit).all()
        assert hit.shape[0] == 2
        assert 0.02 < np.abs(hit).max() < 1.2
        assert np.abs(hit[:, -1]).max() < 0.002
        assert abs(hit.mean()) < 0.02
    length = min(hit.shape[-1] for hit in hits)
    assert not np.allclose(hits[0][:, :length], hits[1][:, :length])


@pytest.mark.parametrize("pitch", [1, 2, 3, 4])
def test_what_leads_into_a_section_is_clean(pitch: int) -> None:
    sound = INSTRUMENTS["transitions"](Stroke(pitch, 2.0, 0.8), SoundCache())
    assert np.isfinite(sound).all()
    assert np.abs(sound[:, -1]).max() < 0.01
    first, last = np.array_split(np.square(sound).mean(axis=0), 2)
    assert (last.mean() > first.mean()) == (pitch in {1, 2}), "risers and swells grow, impacts and falls fade"


def test_playing_does_not_change_a_cached_sound() -> None:
    play, cache = INSTRUMENTS["grand-piano"], SoundCache()
    first = play(Stroke(60, 0.5, 0.8), cache).copy()
    play(Stroke(60, 0.3, 0.8), cache)
    assert np.array_equal(play(Stroke(60, 0.5, 0.8), cache), first)
