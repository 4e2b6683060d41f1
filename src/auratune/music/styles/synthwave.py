"""Synthwave: a pulsing synthesiser bass, arpeggios, a gated snare, a lead over wide pads."""

from __future__ import annotations

from auratune.music.score import Channel
from auratune.music.styles.base import Drums, Seat, Style

STYLE = Style(
    name="synthwave",
    words=("synthwave", "retrowave", "80s", "electro", "synth pop", "synth-pop", "neon", "electronic"),
    valence=-0.05,
    arousal=0.68,
    warmth=-0.3,
    brightness=0.5,
    tempo_low_bpm=84,
    tempo_high_bpm=118,
    looseness_seconds=0.0025,
    verses={
        "major": ("I | V | vi | IV", "vi | IV | I | V", "Iadd9 | vi7 | IVmaj7 | V"),
        "minor": ("i | VI | III | VII", "i | i | VI | VII", "i7 | VImaj7 | iv7 | VII"),
    },
    choruses={
        "major": ("IV | V | vi | I/3", "vi | IV | I | V", "IVmaj7 | I | V | vi7"),
        "minor": ("VI | VII | i | III", "VI | III | VII | i", "iv | VI | III | VII"),
    },
    cadences={"major": "IV V", "minor": "VI VII"},
    endings={"major": "Iadd9", "minor": "iadd9"},
    melody_rhythms=("x-----x-----x---", "x---x---..x-x---", "....x---x-----x-"),
    chorus_rhythms=("x-----x---x-x---", "x---x-x-x-----x-", "x-----x-x-x-x---"),
    seats=(
        Seat(
            name="pad",
            role="pad",
            instruments=("warm-pad",),
            channel=Channel(level_db=-1, width=1.0, reverb_db=-11, low_cut_hz=160, duck_db=6.0, sweeps=True),
            low=53,
            high=74,
            voices=4,
        ),
        Seat(
            name="bass",
            role="bass",
            instruments=("synth-bass",),
            channel=Channel(level_db=1, width=0.0, reverb_db=-40, low_cut_hz=32, duck_db=6.0),
            low=29,
            high=43,
            patterns=("R.r.r.r.R.r.r.r.", "R.r.r.r.R.r.r.8."),
            chorus_patterns=("R.rrR.rrR.rrR.rr", "R.r8R.r8R.r8R.r8", "RrrrRrrrRrrrRrr8"),
            sections=("verse", "chorus", "bridge", "outro"),
        ),
        Seat(
            name="arpeggio",
            role="arp",
            instruments=("synth-pluck",),
            channel=Channel(
                level_db=-1.0, pan=-0.25, width=1.0, reverb_db=-10, low_cut_hz=200, duck_db=4.0, sweeps=True
            ),
            low=60,
            high=77,
            voices=3,
            patterns=("0.1.2.1.0.1.2.1.", "0.2.1.2.3.2.1.2."),
            chorus_patterns=("0123210301232103", "0213021302130231", "0120312001203120"),
        ),
        Seat(
            name="lead",
            role="melody",
            instruments=("lead-synth",),
            channel=Channel(level_db=0, pan=0.1, width=0.8, reverb_db=-8, low_cut_hz=220, duck_db=2.0),
            low=65,
            high=83,
            harmonises=True,
        ),
        Seat(
            name="voices",
            role="counter",
            instruments=("soft-voices", "strings"),
            channel=Channel(level_db=-1, pan=0.3, width=1.0, reverb_db=-7, low_cut_hz=240, duck_db=4.0),
            low=64,
            high=79,
            sections=("chorus",),
        ),
    ),
    drums=Drums(
        instrument="electronic-kit",
        channel=Channel(level_db=1, width=0.8, reverb_db=-17, low_cut_hz=30),
        sparse={"kick": "X.......x.......", "hat": "o.o.o.o.o.o.o.o."},
        verse={"kick": "X.......X.x.....", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
        chorus={
            "kick": "X...X...X...X...",
            "snare": "....X.......X..?",
            "hat": "xgogxgogxgogxgo.",
            "open": "..............x.",
        },
        fills=(
            {
                "kick": "X...X...X.......",
                "snare": "....X.......X.XX",
                "tom-high": "........xx......",
                "tom-low": "..........xx....",
            },
            {"kick": "X...X...........", "snare": "....X...x.x.xxxx"},
            {
                "kick": "X...............",
                "tom-high": "....x.x.........",
                "tom-mid": "........x.x.....",
                "tom-low": "............x.x.",
            },
        ),
    ),
    colour=Seat(
        name="sequence",
        role="arp",
        instruments=("synth-pluck",),
        channel=Channel(level_db=-3, pan=0.3, width=1.0, reverb_db=-8, low_cut_hz=260, duck_db=3.0),
        low=60,
        high=77,
        voices=3,
        patterns=("0.1.2.1.0.1.2.3.",),
    ),
    reverb_seconds=1.9,
    sweep=0.8,
)
