"""Film-print: a cinema print: dense, green in the shadows, yellow in the lights."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.09, matte=0.02, exposure=-0.15, contrast=0.3, saturation=0.88,
    shadows=(-0.045, 0.02, -0.005), middle=(-0.012, 0.024, -0.065), highlights=(0.04, 0.03, -0.11),
    grain=1.5, vignette=0.2, bloom=0.14,
)  # fmt: skip
