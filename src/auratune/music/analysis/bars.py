"""Which beats begin a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auratune.music.analysis.onsets import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auratune.music.analysis.onsets import Onsets

    Curve = NDArray[np.floating]

_HARMONY_WEIGHT, _BASS_WEIGHT, _LOW_WEIGHT, _BACKBEAT_WEIGHT = 1.0, 1.0, 0.5, 0.35
_CHROMA_EVERY = 4


def first_downbeat(beats: Curve, onsets: Onsets, beats_per_bar: int) -> int:
    """Index of the first beat that begins a bar, from 0.

    Chords change on the one, bass and kick mark it, and the snare stays away from it.
    """
    if len(beats) < 2 * beats_per_bar:
        return 0
    evidence = (
        _HARMONY_WEIGHT * _fair(harmony_change(beats, onsets))
        + _BASS_WEIGHT * _fair(bass_change(beats, onsets))
        + _LOW_WEIGHT * _fair(marks(beats, onsets.low))
        - _BACKBEAT_WEIGHT * _fair(marks(beats, onsets.high))
    )
    votes = [float(evidence[phase::beats_per_bar].mean()) for phase in range(beats_per_bar)]
    return int(np.argmax(votes))


def harmony_change(beats: Curve, onsets: Onsets) -> Curve:
    """How far the tones of the beat that begins differ from those of the beat that ends, 0 to 1, for each beat."""
    return _change(beats, onsets.chroma)


def bass_change(beats: Curve, onsets: Onsets) -> Curve:
    """The same for the bass alone."""
    return _change(beats, onsets.bass)


def tone_change(moments: Curve, chroma: Curve, reach_seconds: float) -> Curve:
    """How far the tones within reach after each moment differ from those within reach before it, 0 to 1."""
    rate = FRAMES_PER_SECOND / _CHROMA_EVERY
    sums = np.concatenate((np.zeros((1, 12)), np.cumsum(chroma, axis=0)))
    at = np.clip((moments * rate).round().astype(int), 0, len(chroma))
    reach = max(2, round(reach_seconds * rate))
    after = sums[np.clip(at + reach, 0, len(chroma))] - sums[at]
    before = sums[at] - sums[np.clip(at - reach, 0, len(chroma))]
    lengths = np.linalg.norm(after, axis=1) * np.linalg.norm(before, axis=1)
    change = np.where(lengths > 1e-9, 1.0 - (after * before).sum(axis=1) / np.maximum(lengths, 1e-9), 0.0)
    return np.asarray(change)


def marks(beats: Curve, curve: Curve) -> Curve:
    """The highest value of an onset curve within 30 ms of each moment."""
    frames = (beats * FRAMES_PER_SECOND).round().astype(int)
    around = np.clip(frames[:, None] + np.arange(-3, 4), 0, len(curve) - 1)
    highest: Curve = curve[around].max(axis=1)
    return highest


def _change(beats: Curve, chroma: Curve) -> Curve:
    edges = np.append(beats, beats[-1] + np.median(np.diff(beats)))
    frames = np.clip((edges * FRAMES_PER_SECOND / _CHROMA_EVERY).round().astype(int), 0, len(chroma))
    sums = np.concatenate((np.zeros((1, 12)), np.cumsum(chroma, axis=0)))
    tones = sums[frames[1:]] - sums[frames[:-1]]
    lengths = np.linalg.norm(tones, axis=1)
    tones = tones / np.maximum(lengths, 1e-6)[:, None]
    change = np.zeros(len(beats))
    change[1:] = 1.0 - (tones[1:] * tones[:-1]).sum(axis=1)
    change[1:][(lengths[1:] < 1e-6) | (lengths[:-1] < 1e-6)] = 0.0
    return change


def _fair(values: Curve) -> Curve:
    """Zero mean and unit deviation, so that kinds of evidence can be weighed against one another."""
    deviation = float(values.std())
    return (values - values.mean()) / deviation if deviation > 1e-6 else np.zeros_like(values)
