"""The instruments, by name: one small synthesised voice each."""

from __future__ import annotations

from auratune.music.instruments import (
    bell,
    electric_piano,
    electronic_kit,
    finger_bass,
    flute,
    grand_piano,
    lead_synth,
    nylon_guitar,
    percussion,
    plucked_string,
    soft_kit,
    soft_voices,
    strings,
    sub_bass,
    synth_bass,
    synth_pluck,
    texture,
    transitions,
    vibraphone,
    warm_pad,
)
from auratune.music.instruments.synthesis import Instrument

INSTRUMENTS: dict[str, Instrument] = {
    "bell": bell.play,
    "electric-piano": electric_piano.play,
    "electronic-kit": electronic_kit.play,
    "finger-bass": finger_bass.play,
    "flute": flute.play,
    "grand-piano": grand_piano.play,
    "lead-synth": lead_synth.play,
    "nylon-guitar": nylon_guitar.play,
    "percussion": percussion.play,
    "plucked-string": plucked_string.play,
    "soft-kit": soft_kit.play,
    "soft-voices": soft_voices.play,
    "strings": strings.play,
    "sub-bass": sub_bass.play,
    "synth-bass": synth_bass.play,
    "synth-pluck": synth_pluck.play,
    "texture": texture.play,
    "transitions": transitions.play,
    "vibraphone": vibraphone.play,
    "warm-pad": warm_pad.play,
}
