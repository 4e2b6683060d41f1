"""Loudness as broadcasters measure it, and a master that never overshoots."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfilt

from auratune.music.mixing.loudness import (
    SILENT_LUFS,
    integrated_lufs,
    master,
    true_peak_dbtp,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sine(level_db: float, seconds: float, *, rate: int = 48000, hz: float = 1000.0) -> NDArray[np.float32]:
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def bursts(seconds: float = 12.0, *, seed: int = 1, rate: int = 44100) -> NDArray[np.float32]:
    """Noise that hits twice a second: hard on a limiter."""
    count = int(seconds * rate)
    envelope = np.exp(-(np.arange(count) % (rate // 2)) / 9000.0)
    noise = np.random.default_rng(seed).standard_normal((count, 2))
    # As bright as records are: hardly anything above 15 kHz, where four times is too coarse to see every peak.
    noise = sosfilt(butter(8, 15000, fs=rate, output="sos"), noise, axis=0)
    return (0.15 * noise * envelope[:, None]).astype(np.float32)


@pytest.mark.parametrize("rate", [44100, 48000])
def test_reference_tones_measure_what_the_recommendation_says(rate: int) -> None:
    # EBU Tech 3341, cases 1 and 2: a 1 kHz stereo sine of -23 dBFS has -23 LUFS.
    assert integrated_lufs(sine(-23, 20, rate=rate), rate) == pytest.approx(-23.0, abs=0.1)
    assert integrated_lufs(sine(-33, 20, rate=rate), rate) == pytest.approx(-33.0, abs=0.1)


def test_quiet_stretches_do_not_count() -> None:
    # EBU Tech 3341, cases 3 and 4: the gates leave out what is 10 LU below the rest, and what is below -70.
    framed = np.concatenate([sine(-36, 10), sine(-23, 60), sine(-36, 10)])
    assert integrated_lufs(framed, 48000) == pytest.approx(-23.0, abs=0.1)
    hushed = np.concatenate([sine(-72, 10), framed, sine(-72, 10)])
    assert integrated_lufs(hushed, 48000) == pytest.approx(-23.0, abs=0.1)


def test_silence_has_a_loudness_that_can_be_compared() -> None:
    silence = np.zeros((48000, 2), np.float32)
    assert integrated_lufs(silence, 48000) == SILENT_LUFS
    assert true_peak_dbtp(silence, 48000) == SILENT_LUFS
    assert np.array_equal(master(silence, 48000), silence)


def test_peaks_between_samples_are_found() -> None:
    # At a quarter of the rate and 45 degrees off, samples show 3 dB less than the wave.
    wave = 0.5 * np.sin(2 * np.pi * 0.25 * np.arange(48000) + np.pi / 4)
    samples = np.stack([wave, wave], axis=1).astype(np.float32)
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-9.03, abs=0.01)
    assert true_peak_dbtp(samples, 48000) == pytest.approx(-6.02, abs=0.2)


def test_a_master_has_its_loudness_and_never_a_peak_too_high() -> None:
    for seed in (1, 2):
        mastered = master(bursts(seed=seed), 44100)
        assert integrated_lufs(mastered, 44100) == pytest.approx(-14.0, abs=0.7)
        assert true_peak_dbtp(mastered, 44100) <= -1.5 + 0.01
        finer = resample_poly(mastered, 16, 1, axis=0)
        assert 20 * np.log10(np.abs(finer).max()) <= -1.5 + 0.2, "measured apart from our own meter"


def test_quiet_sound_is_raised_without_being_changed() -> None:
    quiet = sine(-40, 10)
    mastered = master(quiet, 48000)
    assert integrated_lufs(mastered, 48000) == pytest.approx(-14.0, abs=0.1)
    assert np.corrcoef(quiet[:, 0], mastered[:, 0])[0, 1] > 0.99999


def test_limiting_touches_only_the_neighbourhood_of_peaks() -> None:
    samples = sine(-12, 3)
    samples[48000:48040] *= 3.5
    limited = master(samples, 48000, target_lufs=integrated_lufs(samples, 48000), ceiling_dbtp=-6.0)
    assert true_peak_dbtp(limited, 48000) <= -5.99
    # 4 ms before the peak and half a second after it nothing is left of it, but for the last hair taken off the whole.
    scale = np.abs(limited[:47000]).max() / np.abs(samples[:47000]).max()
    assert scale > 0.97
    assert np.allclose(limited[:47500], samples[:47500] * scale, atol=1e-4)
    assert np.allclose(limited[80000:], samples[80000:] * scale, atol=1e-3)
    assert np.allclose(limited[:, 0], limited[:, 1]), "the stereo picture stays still"


def test_the_input_of_a_master_is_left_alone_and_the_result_repeats() -> None:
    samples = bursts(4.0)
    before = samples.copy()
    assert np.array_equal(master(samples, 44100), master(samples, 44100))
    assert np.array_equal(samples, before)


def test_mastering_costs_a_small_part_of_the_time_the_sound_lasts() -> None:
    samples = bursts(12.0)
    begun = time.process_time()
    master(samples, 44100)
    assert time.process_time() - begun < 12.0 / 15
