"""The instruments, by name: one small synthesised voice each."""

from __future__ import annotations

from auratune.music.instruments import bell, electric_piano, finger_bass, soft_kit, sub_bass, warm_pad
from auratune.music.synthesis import Instrument

INSTRUMENTS: dict[str, Instrument] = {
    "bell": bell.play,
    "electric-piano": electric_piano.play,
    "finger-bass": finger_bass.play,
    "soft-kit": soft_kit.play,
    "sub-bass": sub_bass.play,
    "warm-pad": warm_pad.play,
}
