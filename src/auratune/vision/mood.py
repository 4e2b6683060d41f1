"""What mood measured light and colour suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.scene import Mood

if TYPE_CHECKING:
    from auratune.core.scene import Light


def mood_of(light: Light) -> Mood:
    """Valence and arousal from light.

    The weights of brightness and colourfulness follow Valdez and Mehrabian (1994): bright and colourful pleases,
    colourful excites, bright calms. Warmth adds gladness; contrast and busy edges add excitement. Centres and gains
    are set so that ordinary photos spread over the plane instead of crowding its middle.
    """
    pleasure = (
        0.69 * _around(light.brightness, 0.40, 0.26)
        + 0.30 * _around(light.colourfulness, 0.22, 0.24)
        + 0.38 * light.warmth
        - 0.5 * light.clipped_shadows
    )
    excitement = (
        0.60 * _around(light.colourfulness, 0.22, 0.24)
        + 0.45 * _around(light.contrast, 0.75, 0.22)
        + 0.35 * _around(light.edge_energy, 0.42, 0.26)
        - 0.20 * _around(light.brightness, 0.40, 0.26)
    )
    return Mood(
        valence=round(max(-1.0, min(1.0, pleasure)), 3),
        arousal=round(max(0.0, min(1.0, 0.45 + 0.32 * excitement)), 3),
    )


def _around(value: float, centre: float, spread: float) -> float:
    return max(-2.4, min(2.4, (value - centre) / spread))
