"""What a musician may ask for besides the song: its score as MIDI, and its stems as WAV files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.io import wavfile

from auratune.music.composition.arranger import arrange
from auratune.music.composition.midi import write_midi
from auratune.music.instruments.synthesis import RATE
from auratune.music.mixing.mixer import mix

if TYPE_CHECKING:
    from auratune.core.treatment import MusicBrief
    from auratune.music.instruments.synthesis import Sound


def export_midi(brief: MusicBrief, midi_path: str) -> None:
    """Write the score of a brief's song as a MIDI file; quick and light."""
    write_midi(arrange(brief), midi_path)


def export_stems(brief: MusicBrief, folder: str) -> tuple[str, ...]:
    """Write each part of a brief's song as `<part>.wav` (16 bit, 44.1 kHz, stereo) into an existing folder.

    The stems are as they stand in the mix, before reverb and mastering, all with one gain, so that they add up to the
    dry mix. Returns the file names. Heavy, so run it in a child process.
    """
    score = arrange(brief)
    stems: dict[str, Sound] = {}

    def keep(name: str, stem: Sound) -> None:
        stems[re.sub(r"[^a-z0-9-]+", "-", name.lower())] = stem.astype(np.float16)

    mix(score, keep)
    loudest = max(float(np.abs(stem).max()) for stem in stems.values())
    for name, stem in stems.items():
        samples = stem.astype(np.float32) * np.float32(30000.0 / max(loudest, 1e-6))
        wavfile.write(Path(folder) / f"{name}.wav", RATE, np.rint(samples).astype(np.int16))
    return tuple(f"{name}.wav" for name in stems)
