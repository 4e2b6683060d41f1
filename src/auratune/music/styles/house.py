"""House: four on the floor, off-beat bass, piano and synthesiser stabs that pump, a clap, a filter that opens."""

from __future__ import annotations

from auratune.music.score import Channel
from auratune.music.styles.base import Drums, Seat, Style

STYLE = Style(
    name="house",
    words=("house", "dance", "edm", "club", "disco", "techno", "party", "upbeat electronic"),
    valence=0.5,
    arousal=0.92,
    warmth=0.1,
    brightness=0.7,
    tempo_low_bpm=116,
    tempo_high_bpm=128,
    swing=0.10,
    looseness_seconds=0.002,
    verses={
        "major": ("Imaj7 | vi7 | IVmaj7 | V7sus4", "IVmaj7 | iii7 | vi7 | Iadd9", "vi7 | IVmaj7 | Iadd9 | V"),
        "minor": ("i7 | VImaj7 | III | VII", "i7 | iv7 | VImaj7 | v7", "i9 | i9 | VImaj7 | VII"),
    },
    choruses={
        "major": ("IVmaj7 | V | vi7 | Iadd9", "vi7 | IVmaj7 | Iadd9 | V", "IVmaj9 | iii7 | vi7 | V7sus4"),
        "minor": ("VImaj7 | VII | i7 | III", "i7 | VII | VImaj7 | VII", "iv7 | v7 | VImaj7 | i7"),
    },
    cadences={"major": "V7sus4", "minor": "v7"},
    endings={"major": "Imaj9", "minor": "i9"},
    melody_rhythms=("x-.x-.x-....x-x-", "..x-..x-..x-x-..", "x-..x-.x-.x-...."),
    chorus_rhythms=("x-.x-.x-x-.x-.x-", "x-x-.x-.x-x-.x-.", "x--x--x-x--x--x-"),
    seats=(
        Seat(
            name="stabs",
            role="comp",
            instruments=("grand-piano", "synth-pluck", "electric-piano"),
            channel=Channel(
                level_db=-1.5, pan=-0.1, width=1.0, reverb_db=-13, low_cut_hz=160, duck_db=5.0, sweeps=True
            ),
            low=55,
            high=74,
            voices=4,
            patterns=("..x-..x-...x-.x-", "x-..x-..x-.x-..."),
            chorus_patterns=("x-.x-.x-.x-.x-x-", "X-.x-.x-X-.x-.x-", "..x-.x-.x-.x-.x-"),
        ),
        Seat(
            name="pad",
            role="pad",
            instruments=("warm-pad", "strings"),
            channel=Channel(level_db=-2, width=1.0, reverb_db=-11, low_cut_hz=200, duck_db=8.0, sweeps=True),
            low=57,
            high=77,
            voices=4,
        ),
        Seat(
            name="bass",
            role="bass",
            instruments=("synth-bass", "sub-bass"),
            channel=Channel(level_db=1, width=0.0, reverb_db=-40, low_cut_hz=32, duck_db=9.0),
            low=29,
            high=43,
            patterns=("..r-..r-..r-..r-", "..r-..r-..8-..r-"),
            chorus_patterns=("..r-..r-..r-.8r-", "r-.r..r-r-.r..8-"),
            sections=("verse", "chorus", "bridge", "outro"),
        ),
        Seat(
            name="hook",
            role="melody",
            instruments=("synth-pluck", "lead-synth", "bell"),
            channel=Channel(level_db=0, pan=0.12, width=0.9, reverb_db=-9, low_cut_hz=240, duck_db=3.0),
            low=67,
            high=84,
            harmonises=True,
        ),
        Seat(
            name="sparkle",
            role="arp",
            instruments=("synth-pluck",),
            channel=Channel(level_db=-1, pan=0.35, width=1.0, reverb_db=-8, low_cut_hz=350, duck_db=5.0),
            low=67,
            high=84,
            voices=3,
            patterns=("0.1.2.1.0.1.2.1.",),
            chorus_patterns=("0.12.10.2.01.21.", "01.20.12.01.20.1"),
            sections=("chorus",),
        ),
    ),
    drums=Drums(
        instrument="electronic-kit",
        channel=Channel(level_db=2, width=0.8, reverb_db=-22, low_cut_hz=30),
        sparse={"kick": "X...X...X...X...", "hat": "..o...o...o...o."},
        verse={
            "kick": "X...X...X...X...",
            "clap": "....o.......o...",
            "hat": "..x...x...x...xg",
            "rim": "......g..g......",
        },
        chorus={
            "kick": "X...X...X...X...",
            "clap": "....X.......X...",
            "open": "..x...x...x...x.",
            "hat": "o.g.o.g.o.g.o.go",
        },
        fills=(
            {"kick": "X...X...X.......", "clap": "....X...x.x.xxxx", "open": "..x...x........."},
            {"kick": "X...X...........", "snare": "....x...x.x.xxxx", "clap": "....X..........."},
        ),
        plays_intro=True,
    ),
    percussion=Drums(
        instrument="percussion",
        channel=Channel(level_db=0, pan=-0.3, width=0.7, reverb_db=-16),
        sparse={"shaker": "g.o.g.o.g.o.g.o."},
        verse={"shaker": "ogxgogxgogxgogxg", "conga": "......o..o......"},
        chorus={
            "shaker": "ogxgogxgogxgogxg",
            "conga": "..o...x..x....o.",
            "conga-low": "...........x....",
            "tambourine": "....o.......o...",
        },
        crash=False,
    ),
    colour=Seat(
        name="plucks",
        role="arp",
        instruments=("synth-pluck",),
        channel=Channel(level_db=-3, pan=-0.3, width=1.0, reverb_db=-9, low_cut_hz=300, duck_db=4.0),
        low=62,
        high=79,
        voices=3,
        patterns=("0.2.1.2.0.2.1.3.",),
    ),
    reverb_seconds=1.4,
    sweep=1.0,
)
