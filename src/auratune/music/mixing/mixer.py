"""Plays every part into a stem, sets level, pan and reverb of each, and masters the sum."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from auratune.music.instruments import INSTRUMENTS
from auratune.music.instruments.synthesis import (
    RATE,
    Sound,
    SoundCache,
    Stroke,
    decay,
    frames_of,
    high_pass,
    highs_of,
    low_pass,
    noise,
    times,
)
from auratune.music.mixing.loudness import master
from auratune.music.mixing.tape import play_on_tape
from auratune.music.mixing.tone_balance import balance

if TYPE_CHECKING:
    from collections.abc import Callable

    from auratune.music.score import Channel, Part, Score

_TAKES = 5
_ROLE_DB = {
    "drums": -6.0,
    "bass": -6.5,
    "melody": -11.5,
    "comp": -12.0,
    "arp": -14.5,
    "pad": -15.0,
    "counter": -15.0,
    "percussion": -20.0,
    "effects": -19.0,
    "texture": -31.0,
}
"""Loudness of each role where it plays, against one another: gain staging that no instrument's own level can upset."""
_LIFT_DB = {"intro": 3.5, "outro": 1.5}
"""Few players open and close a song; they come nearer to the microphone."""
_DRIVEN = {"drums", "bass", "comp"}
_CHORUS_HIGHS_DB, _CHORUS_SIDE_DB = 2.6, 3.0
"""How much brighter above 4 kHz, and wider, choruses are than verses at least."""
_MOST_LIFT_DB = 12.0
_SIDE = 0.8
"""Share of the sides that stays."""
_VERSE_DROP_DB = 2.2
"""How much quieter a section of energy 0 is than one of energy 1, over what its players do."""


def mix(score: Score, keep_stem: Callable[[str, Sound], None] | None = None) -> Sound:
    """Play and mix a score to (frames, 2) float32 at 44.1 kHz, mastered to -14 LUFS.

    `keep_stem` is called with each part's name and its stem as it stands in the mix, before reverb and master; one
    stem is in memory at a time.
    """
    frames = round(score.length_seconds * RATE)
    curve = _section_curve(score, frames)
    pump = _pump(score, frames)
    # One large block, for the system takes a large one back whole: arrays that come and go leave holes in the heap
    # (measured: 20 MB less at the peak).
    buffers = np.zeros((4, 2, frames), dtype=np.float32)
    dry, swept, hall, stem = buffers
    for part in score.parts:
        _play(part, score, stem)
        _place(stem, part.channel)
        if part.role in _DRIVEN:
            _drive(stem, score.arousal)
        stem *= np.float32(_gain(_ROLE_DB[part.role] + part.channel.level_db) / _loudness(stem))
        stem *= curve
        if part.channel.duck_db and pump is not None:
            stem *= 1.0 - pump * np.float32(1.0 - _gain(-part.channel.duck_db))
        if keep_stem is not None:
            keep_stem(part.name, np.ascontiguousarray(stem.T))
        bus = swept if part.channel.sweeps and score.sweep else dry
        bus += stem
        stem *= np.float32(_gain(part.channel.reverb_db))
        hall += stem
    del pump, curve
    if score.sweep:
        _sweep(swept, score)
        dry += swept
    _reverb(hall, score)
    dry += hall
    _finish(dry, score)
    samples = np.ascontiguousarray(dry.T)
    del buffers, dry, swept, hall, stem, bus
    return master(samples, RATE)


def _gain(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))


def _play(part: Part, score: Score, stem: Sound) -> None:
    """Fill a stem (2, frames) with all notes of a part."""
    instrument = INSTRUMENTS[part.instrument]
    frames = stem.shape[-1]
    cache, brightness = SoundCache(), _brightness(score)
    stem.fill(0.0)
    played: Counter[int] = Counter()
    for note in part.notes:
        played[note.pitch] += 1
        start = round(note.start_beats * score.beat_seconds * RATE)
        hold = round(note.length_beats * score.beat_seconds, 2)
        take = played[note.pitch] % _TAKES
        sound = instrument(Stroke(note.pitch, max(0.04, hold), note.velocity, brightness, take), cache)
        end = min(frames, start + sound.shape[-1])
        if end > start:
            stem[:, start:end] += sound[..., : end - start]


def _brightness(score: Score) -> float:
    """How bright the song is played and mixed: as its picture, and brighter the more aroused it is for its style."""
    return min(1.0, max(0.0, score.brightness + 0.95 * (score.arousal - score.style_arousal)))


def _drive(stem: Sound, arousal: float) -> None:
    """Push a stem into soft saturation, the harder the more aroused; in place."""
    push = np.float32((0.05 + 0.3 * arousal) / (_loudness(stem) + 1e-9))
    stem *= push
    np.tanh(stem, out=stem)


def _place(stem: Sound, channel: Channel) -> None:
    """Low cut, width and pan (equal power), in place."""
    if channel.low_cut_hz:
        for side in (0, 1):
            stem[side] = high_pass(stem[side], channel.low_cut_hz)
    middle = (stem[0] + stem[1]) * np.float32(0.5)
    angle = (channel.pan + 1.0) * np.pi / 4
    for side, weight in ((0, np.cos(angle)), (1, np.sin(angle))):
        stem[side] -= middle
        stem[side] *= np.float32(channel.width)
        stem[side] += middle
        stem[side] *= np.float32(weight * np.sqrt(2.0))


def _loudness(stem: Sound) -> float:
    """RMS of a stem where it plays: blocks of 0.4 s that are not 10 dB under the mean, as loudness meters gate."""
    block = frames_of(0.4)
    whole = stem.shape[-1] // block * block
    sides = [stem[side, :whole].reshape(-1, block) for side in (0, 1)]
    power = sum(np.einsum("bs,bs->b", side, side) for side in sides) / np.float32(2 * block) + np.float32(1e-12)
    loud = power[power > power[power > 1e-8].mean() * 0.1] if (power > 1e-8).any() else power
    return float(np.sqrt(loud.mean()))


def _section_curve(score: Score, frames: int) -> Sound:
    """Level over time by the sections' energy, with half-beat ramps, and the fade of the final chord."""
    points: list[tuple[float, float]] = []
    bar_seconds = score.bar_beats * score.beat_seconds
    for section in score.sections:
        level = _gain((min(1.0, section.energy) - 1.0) * _VERSE_DROP_DB + _LIFT_DB.get(section.name, 0.0))
        points.append((section.first_bar * bar_seconds, level))
        points.append((section.end_bar * bar_seconds - 0.25 * score.beat_seconds, level))
    final = score.bars * bar_seconds
    points.append((final, _gain(-1.0)))
    points.append((score.length_seconds, _gain(-1.0)))
    return np.interp(times(frames), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)


def _pump(score: Score, frames: int) -> Sound | None:
    """How far the ducked parts are pushed down, 0 to 1, after each kick."""
    kicks = [n for part in score.parts if part.role == "drums" for n in part.notes if n.pitch == 36]
    if not kicks:
        return None
    dip = frames_of(0.22)
    shape = np.linspace(1.0, 0.0, dip, dtype=np.float32) ** 1.6
    rise = frames_of(0.004)
    shape[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    pump = np.zeros(frames, dtype=np.float32)
    for kick in kicks:
        start = round(kick.start_beats * score.beat_seconds * RATE)
        end = min(frames, start + dip)
        if end > start:
            np.maximum(pump[start:end], shape[: end - start] * np.float32(kick.velocity), out=pump[start:end])
    return pump


def _sweep(music: Sound, score: Score) -> None:
    """Close a filter over the music and open it into each chorus: a crossfade, in place, with a low-passed copy."""
    beat, bar = score.beat_seconds, score.bar_beats * score.beat_seconds
    points: list[tuple[float, float]] = [(0.0, 0.0)]
    for section in score.sections:
        start, end = section.first_bar * bar, section.end_bar * bar
        if section.name == "intro":
            points += [(start, 0.85), (end, 0.25)]
        elif section.name == "chorus" and start > 0:
            points += [(start - bar, 0.15), (start - 1.5 * beat, 1.0), (start - 0.02, 0.4), (start, 0.0)]
    points.sort()
    depth = np.interp(times(music.shape[-1]), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)
    depth *= np.float32(score.sweep)
    for side in (0, 1):
        dark = low_pass(music[side], 650.0)
        dark -= music[side]
        dark *= depth
        music[side] += dark


def _reverb(send: Sound, score: Score) -> None:
    """The hall, in place: noise that decays, highs sooner than lows, after a short gap; each side its own."""
    length = frames_of(score.reverb_seconds)
    for side in (0, 1):
        raw = noise(length, 9000 + side)
        tail = low_pass(raw, 1400.0) * decay(length, score.reverb_seconds)
        tail += low_pass(raw, 3000.0 + 5000.0 * _brightness(score)) * decay(length, score.reverb_seconds * 0.55)
        gap = frames_of(0.018)
        tail[:gap] = 0.0
        tail[gap : 2 * gap] *= np.linspace(0.0, 1.0, gap, dtype=np.float32)
        tail *= np.float32(1.6) / np.sqrt(np.square(tail).sum())
        send[side] = signal.oaconvolve(high_pass(send[side], 180.0), tail)[: send.shape[-1]]


def _finish(music: Sound, score: Score) -> None:
    """Keep the lows in the middle, lift the choruses, set the tone, fade the last chord; in place."""
    _narrow(music)
    if score.tape:
        play_on_tape(music, score.tape)
    _lift_choruses(music, score)
    balance(music, _brightness(score), score.warmth, score.air_db)
    frames = music.shape[-1]
    final = min(frames - 2, round(score.total_beats * score.beat_seconds * RATE))
    first = final + (frames - final) // 3
    fade = np.linspace(1.0, 0.0, frames - first, dtype=np.float32) ** 1.7
    music[:, first:] *= fade


def _lift_choruses(music: Sound, score: Score) -> None:
    """Make choruses brighter above 4 kHz, and wider, than verses where they are not so by themselves; in place."""
    bar = score.bar_beats * score.beat_seconds
    points = []
    for section in score.sections:
        level = {"chorus": 1.0, "verse": 0.0, "bridge": 0.0}.get(section.name, 0.4)
        points += [(section.first_bar * bar, level), ((section.end_bar - 0.1) * bar, level)]
    lift = np.interp(times(music.shape[-1]), [p[0] for p in points], [p[1] for p in points]).astype(np.float32)
    side = (music[0] - music[1]) * np.float32(0.5)
    middle = (music[0] + music[1]) * np.float32(0.5)
    _widen(side, _CHORUS_SIDE_DB - _contrast_db(side, middle, score), lift)
    music[0] = middle + side
    music[1] = middle - side
    del side
    del middle
    highs = np.empty_like(music)
    for channel in (0, 1):
        highs[channel] = highs_of(music[channel], 4000.0)
    needed_db = _CHORUS_HIGHS_DB - _contrast_db(highs, music, score)
    music -= highs
    _widen(highs, needed_db, lift)
    music += highs


def _widen(sound: Sound, needed_db: float, lift: Sound) -> None:
    """Raise a sound in choruses and lower it elsewhere, so that the two come apart by what is needed; in place."""
    apart = np.float32(min(_MOST_LIFT_DB, max(0.0, needed_db)))
    sound *= np.exp((lift - np.float32(0.5)) * apart * np.float32(np.log(10.0) / 20.0))


def _contrast_db(part: Sound, whole: Sound, score: Score) -> float:
    """By how much the share of a part in the whole is larger in choruses than in verses, in dB."""
    bar = score.bar_beats * score.beat_seconds * RATE
    shares = []
    for name in ("chorus", "verse"):
        inside = [slice(int(s.first_bar * bar), int(s.end_bar * bar)) for s in score.sections if s.name == name]
        power = [sum(float(np.square(sound[..., at]).sum()) for at in inside) for sound in (part, whole)]
        shares.append(10.0 * np.log10((power[0] + 1e-9) / (power[1] + 1e-9)))
    return float(shares[0] - shares[1]) if any(s.name == "verse" for s in score.sections) else 99.0


def _narrow(music: Sound) -> None:
    """Take the sides down a little, and under 160 Hz altogether; then level left and right.

    So the mix holds on one loudspeaker, and does not lean.
    """
    side = (music[0] - music[1]) * np.float32(0.5 * _SIDE)
    music[0] += music[1]
    music[0] *= 0.5
    music[1] = music[0]
    side = high_pass(side, 160.0, order=1)
    music[0] += side
    music[1] -= side
    lean = float(np.sqrt(np.vdot(music[0], music[0]) / max(1e-12, float(np.vdot(music[1], music[1])))))
    music[0] *= np.float32(lean**-0.5)
    music[1] *= np.float32(lean**0.5)
