"""Infrared: infrared film: leaves glow, skies go dark."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.05, exposure=0.1, contrast=0.2, saturation=0.8,
    shadows=(0.02, -0.01, 0.05), middle=(0.1, -0.03, 0.06), highlights=(0.05, -0.03, 0.03),
    mixer=((-0.1, 1.5, -0.4), (0.2, 0.9, -0.1), (0.35, 0.35, 0.3)), grain=1.3, vignette=0.18, bloom=0.4,
)  # fmt: skip
