"""Briefs for the composer's tests: any mood, any style, any length."""

from __future__ import annotations

from random import Random
from typing import Any

from auratune.core.treatment import LyricLine, MusicBrief


def a_brief(**changes: Any) -> MusicBrief:
    """A calm-to-middling brief; whatever is named is changed."""
    values: dict[str, Any] = {
        "title": "Harbour light",
        "length_seconds": 12.0,
        "genre_tags": (),
        "style": "",
        "tempo_low_bpm": 0.0,
        "tempo_high_bpm": 0.0,
        "key": "",
        "energy_curve": (),
        "valence": 0.2,
        "arousal": 0.5,
        "warmth": 0.1,
        "brightness": 0.5,
        "lyrics": (LyricLine("The harbour keeps the light", "verse"), LyricLine("and we keep the time", "chorus")),
        "instrumental": False,
        "seed": 7,
    }
    return MusicBrief(**{**values, **changes})


def many_briefs(count: int = 40, **changes: Any) -> list[MusicBrief]:
    """Briefs as that many different photos would give them: moods all over the plane, every seed another."""
    dice = Random(5)
    return [
        a_brief(
            valence=dice.uniform(-1, 1),
            arousal=dice.uniform(0, 1),
            warmth=dice.uniform(-1, 1),
            brightness=dice.uniform(0, 1),
            seed=dice.randrange(2**32),
            **{"length_seconds": 30.0, **changes},
        )
        for _ in range(count)
    ]
