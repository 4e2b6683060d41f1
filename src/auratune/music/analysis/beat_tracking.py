"""The stage that hears where a song's beats are and which part of it the film uses.

The service process only decides what to do; the hearing itself happens in a child (`analyze_song`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.beat_grid import BeatGrid, SongSection
from auratune.core.errors import InvalidSong
from auratune.core.ports import Limits
from auratune.music.analysis.excerpt import choose_start, cut_grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from auratune.core.context import StageContext
    from auratune.core.options import Excerpt, Options
    from auratune.core.song import Song
    from auratune.music.analysis.onsets import Onsets

FAST_MARGIN_SECONDS = 2.0
"""`fast` looks at this much more of a song than the film is long."""
SHORTEST_USABLE_SECONDS = 5.0
"""A song shorter than this is refused; a longer one that is shorter than the film is played again from a bar line."""
_GUESSED_BPM = 100.0
_LIMITS = Limits(wall_seconds=180, cpu_seconds=120, memory_mib=3072)


def track_beats(context: StageContext, song: Song, options: Options) -> BeatGrid:
    """The beats of the part of the song that the film uses: the grid covers the film's whole length.

    A composer's own grid is taken as it is; any other song is listened to. A song without a pulse (speech, silence,
    drones) gets a steady grid of low confidence, on which an editor cuts by phrases. Raises `InvalidSong`.
    """
    length = options.format.length_seconds
    if song.grid is not None:
        return cut_grid(song.grid, choose_start(song.grid, length, options.excerpt), length)
    with context.store.fetch(song.key) as path:
        grid = context.run_in_subprocess(
            "auratune.music.analysis.beat_tracking:analyze_song",
            str(path),
            length,
            options.excerpt,
            song.brief.tempo_low_bpm,
            song.brief.tempo_high_bpm,
            limits=_LIMITS,
        )
    assert isinstance(grid, BeatGrid)
    return grid


def analyze_song(path: str, length_seconds: float, excerpt: Excerpt, low_bpm: float, high_bpm: float) -> BeatGrid:
    """Listen to a sound file and choose the film's part of it; for a child process.

    `low_bpm` and `high_bpm` are what was asked of the composer; 0 and 0 for not known.
    """
    from auratune.music.analysis.onsets import ANALYSIS_RATE
    from auratune.music.analysis.repeat import repeat_to_length
    from auratune.music.audio import read_sound

    in_hand = length_seconds + FAST_MARGIN_SECONDS if excerpt == "fast" else None
    samples = read_sound(path, rate=ANALYSIS_RATE, length_seconds=in_hand)
    if len(samples) < SHORTEST_USABLE_SECONDS * ANALYSIS_RATE:
        raise InvalidSong("The song is shorter than five seconds; a film needs more.", code="song_too_short")
    samples = repeat_to_length(samples, ANALYSIS_RATE, length_seconds)
    whole = analyze_samples(samples, low_bpm, high_bpm)
    return cut_grid(whole, choose_start(whole, length_seconds, excerpt), length_seconds)


def analyze_samples(samples: NDArray[np.float32], low_bpm: float = 0.0, high_bpm: float = 0.0) -> BeatGrid:
    """The grid of sound at `ANALYSIS_RATE`, shape (frames,) or (frames, 2), from its first moment to its last."""
    from auratune.music.analysis.bars import first_downbeat
    from auratune.music.analysis.beats import track_pulse
    from auratune.music.analysis.onsets import ANALYSIS_RATE, detect_onsets
    from auratune.music.analysis.sections import energy_at, find_sections
    from auratune.music.analysis.sync_points import find_sync_points
    from auratune.music.analysis.tempo import TempoHint

    length = len(samples) / ANALYSIS_RATE
    onsets = detect_onsets(samples)
    pulse = track_pulse(onsets, TempoHint(low_bpm, high_bpm) if 0 < low_bpm <= high_bpm else None)
    if pulse is None:
        return _guess(onsets, length)
    in_bar = pulse.beats_per_bar
    downs = pulse.beats[first_downbeat(pulse.beats, onsets, in_bar) :: in_bar]
    sections = find_sections(downs, onsets, length)
    return BeatGrid(
        tempo_bpm=round(pulse.tempo_bpm, 3),
        beats=_seconds(pulse.beats),
        downbeats=_seconds(downs),
        sections=sections,
        energy=tuple(round(float(value), 3) for value in energy_at(pulse.beats, onsets)),
        length_seconds=length,
        beats_per_bar=in_bar,
        confidence=round(pulse.confidence, 3),
        source="tracked",
        sync_points=find_sync_points(sections, in_bar * 60.0 / pulse.tempo_bpm),
    )


def _guess(onsets: Onsets, length_seconds: float) -> BeatGrid:
    """A steady grid for sound without a pulse."""
    import numpy as np

    from auratune.music.analysis.sections import energy_at

    beats = np.arange(0.0, length_seconds, 60.0 / _GUESSED_BPM)
    energy = energy_at(beats, onsets)
    return BeatGrid(
        tempo_bpm=_GUESSED_BPM,
        beats=_seconds(beats),
        downbeats=_seconds(beats[::4]),
        sections=(SongSection("verse", 0.0, length_seconds, round(float(energy.mean()), 3)),),
        energy=tuple(round(float(value), 3) for value in energy),
        length_seconds=length_seconds,
        confidence=0.0,
        source="none",
    )


def _seconds(times: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(round(float(time), 4) for time in times)
