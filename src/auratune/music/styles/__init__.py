"""The styles of the composer, by the names that people may ask for."""

from __future__ import annotations

from auratune.music.styles import (
    ambient_drift,
    bossa,
    cinematic_strings,
    house,
    indie_folk,
    lo_fi,
    piano_ballad,
    synthwave,
)
from auratune.music.styles.base import Style

STYLES: dict[str, Style] = {
    "ambient-drift": ambient_drift.STYLE,
    "bossa": bossa.STYLE,
    "cinematic-strings": cinematic_strings.STYLE,
    "house": house.STYLE,
    "indie-folk": indie_folk.STYLE,
    "lo-fi": lo_fi.STYLE,
    "piano-ballad": piano_ballad.STYLE,
    "synthwave": synthwave.STYLE,
}
