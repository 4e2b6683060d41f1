"""Lo-fi: dusty drums behind the beat, an electric piano with ninths, a round bass, a bell that hums along."""

from __future__ import annotations

from auratune.music.score import Channel
from auratune.music.styles.base import Drums, Seat, Style

STYLE = Style(
    name="lo-fi",
    words=("lo-fi", "lofi", "chillhop", "hip hop", "chill", "study", "jazzy"),
    valence=0.1,
    arousal=0.32,
    warmth=0.5,
    brightness=0.4,
    tempo_low_bpm=70,
    tempo_high_bpm=90,
    swing=0.22,
    looseness_seconds=0.009,
    verses={
        "major": ("IVmaj9 | iii7 | ii9 | Imaj9", "Imaj9 | vi9 | ii9 | V13", "ii9 | V13 | Imaj9 | vi7"),
        "minor": ("i9 | iv9 | VImaj9 | v7", "VImaj9 | v7 | i9 | i9", "i9 | VImaj7 | iv9 | VII13"),
    },
    choruses={
        "major": ("IVmaj9 | V13 | iii7 | vi9", "Imaj9 | iii7 | IVmaj9 | V13", "IVmaj9 | iii7 vi7 | ii9 V13 | Imaj9"),
        "minor": ("VImaj9 | VII13 | i9 | iv9", "iv9 | VII13 | IIImaj9 | VImaj9", "VImaj9 | v7 | iv9 | i9"),
    },
    cadences={"major": "ii9 V13", "minor": "iv9 v7"},
    endings={"major": "Imaj9", "minor": "i9"},
    melody_rhythms=("..x-x-x---..x-x-", "x---..x-x-x-....", "....x-x-x-----x-"),
    chorus_rhythms=("x-x-x---x-x-x---", "x---x-x-..x-x---", "x-x---x-x---x-x-"),
    seats=(
        Seat(
            name="keys",
            role="comp",
            instruments=("electric-piano",),
            channel=Channel(
                level_db=-2.0, pan=-0.12, width=0.8, reverb_db=-15, low_cut_hz=120, duck_db=3.0, sweeps=True
            ),
            low=52,
            high=72,
            voices=4,
            patterns=("X-------..x-----", "X-----x---------", "X---------x-x---"),
            chorus_patterns=("X-----x-..x---o-", "X---x---..x---x-"),
        ),
        Seat(
            name="pad",
            role="pad",
            instruments=("warm-pad",),
            channel=Channel(level_db=-3, width=1.0, reverb_db=-9, low_cut_hz=180, duck_db=4.0, sweeps=True),
            low=55,
            high=76,
            voices=3,
            sections=("intro", "chorus", "bridge", "outro"),
        ),
        Seat(
            name="bass",
            role="bass",
            instruments=("finger-bass", "sub-bass"),
            channel=Channel(level_db=0, width=0.0, reverb_db=-40, low_cut_hz=32, duck_db=3.0),
            low=28,
            high=43,
            patterns=("R-----.r5---..a-", "R-------..r-8-a-"),
            chorus_patterns=("R---..r-5-..8-a-", "R-----r-..5-r-a-"),
            sections=("verse", "chorus", "bridge", "outro"),
        ),
        Seat(
            name="melody",
            role="melody",
            instruments=("bell", "electric-piano"),
            channel=Channel(level_db=-1, pan=0.18, width=0.7, reverb_db=-9, low_cut_hz=200),
            low=67,
            high=86,
        ),
        Seat(
            name="dust",
            role="texture",
            instruments=("texture",),
            channel=Channel(level_db=0, width=1.0, reverb_db=-40),
            low=1,
        ),
    ),
    drums=Drums(
        instrument="soft-kit",
        channel=Channel(level_db=1, width=0.7, reverb_db=-22, low_cut_hz=28),
        sparse={"kick": "X.........x.....", "rim": "....x.......x...", "hat": "o...o...o...o..."},
        verse={"kick": "X......x..x.....", "snare": "....X..g....X..?", "hat": "x.o.x.o.x.o.x.og"},
        chorus={
            "kick": "X.....x...x..x..",
            "snare": "....X..g.g..X..g",
            "hat": "x.oox.o.x.o.xgo.",
            "open": "..............o.",
        },
        fills=(
            {"kick": "X.....x...x.....", "snare": "....X..g..x.X.xx", "hat": "x.o.x.o.x......."},
            {
                "kick": "X......x........",
                "snare": "....X...x.ggX...",
                "tom-high": "............x...",
                "tom-low": "..............x.",
            },
        ),
        lazy_seconds=0.014,
        crash=False,
    ),
    colour=Seat(
        name="tines",
        role="comp",
        instruments=("electric-piano",),
        channel=Channel(level_db=-3, pan=0.2, width=0.9, reverb_db=-11, low_cut_hz=180),
        low=57,
        high=74,
        voices=3,
        patterns=("X-----x-..x-----",),
    ),
    reverb_seconds=1.3,
    sweep=0.7,
)
