"""The songs that the simulators serve: made here, with a beat to find, and kept in a temporary folder."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

import numpy as np

from auratune.music.audio import write_mp3

RATE = 44100
_CHORDS = ((220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (130.81, 164.81, 196.0), (196.0, 246.94, 293.66))


def song_mp3(
    seconds: float, *, tempo_bpm: float = 96.0, kbps: int = 192, silent_seconds: float = 0.0, kind: str = "song"
) -> bytes:
    """An MP3 of this length: soft chords, a bass and a tick on each beat, louder in its second half.

    `silent_seconds` of silence come first; `kind` may be `silence`, `noise` or `tone` instead of `song`.
    """
    name = f"{kind}-{silent_seconds:g}+{seconds:g}s-{tempo_bpm:g}bpm-{kbps}k.mp3"
    path = Path(tempfile.gettempdir()) / "auratune-simulators" / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(f".{uuid.uuid4().hex}.draft.mp3")
        silence = np.zeros((round(silent_seconds * RATE), 2), dtype=np.float32)
        write_mp3(str(draft), np.concatenate([silence, _sound(kind, seconds, tempo_bpm)]), RATE, kbps)
        draft.replace(path)
    return path.read_bytes()


def _sound(kind: str, seconds: float, tempo_bpm: float) -> np.ndarray:
    if kind == "song":
        return _play(seconds, tempo_bpm)
    count = round(seconds * RATE)
    mono = {
        "silence": np.zeros(count),
        "noise": 0.2 * np.random.default_rng(3).standard_normal(count),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * np.arange(count) / RATE),
    }[kind]
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


def _play(seconds: float, tempo_bpm: float) -> np.ndarray:
    beat = 60.0 / tempo_bpm
    bar = np.concatenate([_bar(beat, chord) for chord in _CHORDS])
    whole = np.tile(bar, int(np.ceil(seconds * RATE / len(bar))))[: round(seconds * RATE)]
    loudness = np.where(np.arange(len(whole)) < len(whole) / 2, 0.6, 0.9)
    return np.repeat((whole * loudness)[:, None], 2, axis=1).astype(np.float32)


def _bar(beat: float, chord: tuple[float, ...]) -> np.ndarray:
    count = round(4 * beat * RATE)
    t = np.arange(count) / RATE
    sound = sum(np.sin(2 * np.pi * pitch * t) for pitch in chord) * 0.08
    sound += 0.2 * np.sin(np.pi * chord[0] * t) * np.exp(-3 * (t % beat))
    noise = np.random.default_rng(7).standard_normal(count)
    return sound + 0.12 * noise * np.exp(-60 * (t % beat))
