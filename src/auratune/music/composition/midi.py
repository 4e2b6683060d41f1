"""A score as a standard MIDI file, for those who want to play on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mido

if TYPE_CHECKING:
    from auratune.music.score import Note, Part, Score

_TICKS = 480
"""To the beat."""
_DRUM_CHANNEL = 9
_PROGRAMS = {
    "bell": 9,
    "electric-piano": 4,
    "finger-bass": 33,
    "flute": 73,
    "grand-piano": 0,
    "lead-synth": 81,
    "nylon-guitar": 24,
    "plucked-string": 25,
    "soft-voices": 52,
    "strings": 48,
    "sub-bass": 39,
    "synth-bass": 38,
    "synth-pluck": 90,
    "vibraphone": 11,
    "warm-pad": 89,
}
"""The nearest General MIDI program of each instrument, from 0; drums need none."""


def write_midi(score: Score, path: str) -> None:
    """Write the score: a conductor's track with tempo, key, sections and chords, then one track a part.

    Risers, impacts and beds of noise are left out: no synthesiser would know them.
    """
    song = mido.MidiFile(type=1, ticks_per_beat=_TICKS)
    song.tracks.append(_conductor(score))
    channels = iter(channel for channel in range(16) if channel != _DRUM_CHANNEL)
    for part in score.parts:
        if part.role in {"effects", "texture"}:
            continue
        drums = part.role in {"drums", "percussion"}
        song.tracks.append(_track(part, _DRUM_CHANNEL if drums else next(channels)))
    song.save(path)


def _conductor(score: Score) -> mido.MidiTrack:
    minor = "m" if score.key.mode == "minor" else ""
    messages: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=_plain(score.title))),
        (0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(score.tempo_bpm))),
        (0, mido.MetaMessage("time_signature", numerator=score.metre.beats_per_bar, denominator=4)),
        (0, mido.MetaMessage("key_signature", key=_signature(score.key.name.split()[0], minor))),
    ]
    messages += [
        (round(score.bar_beats * _TICKS) * section.first_bar, mido.MetaMessage("marker", text=section.name))
        for section in score.sections
    ]
    messages += [
        (round(span.start_beats * _TICKS), mido.MetaMessage("text", text=span.chord.symbol)) for span in score.chords
    ]
    return _in_order(messages)


def _signature(tonic: str, minor: str) -> str:
    # MIDI counts seven accidentals at most: Db, Gb and Ab minor are written as their sharp twins.
    twins = {"Db": "C#", "Ab": "G#"} if minor else {}
    return twins.get(tonic, tonic) + minor


def _track(part: Part, channel: int) -> mido.MidiTrack:
    messages: list[tuple[int, mido.Message | mido.MetaMessage]] = [(0, mido.MetaMessage("track_name", name=part.name))]
    if channel != _DRUM_CHANNEL:
        messages.append((0, mido.Message("program_change", channel=channel, program=_PROGRAMS[part.instrument])))
    for note in part.notes:
        start, end = _span(note)
        loud = max(1, min(127, round(127 * note.velocity)))
        messages.append((start, mido.Message("note_on", channel=channel, note=note.pitch, velocity=loud)))
        messages.append((end, mido.Message("note_off", channel=channel, note=note.pitch)))
    return _in_order(messages)


def _span(note: Note) -> tuple[int, int]:
    start = round(note.start_beats * _TICKS)
    return start, max(start + 1, round((note.start_beats + note.length_beats) * _TICKS))


def _in_order(messages: list[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    """The messages as a track: sorted, with the time since the one before; what ends comes before what begins."""
    track = mido.MidiTrack()
    now = 0
    for at, message in sorted(messages, key=lambda item: (item[0], item[1].type != "note_off")):
        track.append(message.copy(time=at - now))
        now = at
    return track


def _plain(text: str) -> str:
    """MIDI texts are Latin-1; what that cannot write becomes a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
