"""Pastel: pale and rosy, as if washed."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.09, matte=0.035, exposure=0.23, contrast=-0.26, saturation=0.8, vibrance=0.1,
    shadows=(0.02, 0.004, 0.03), middle=(0.07, -0.006, 0.045), highlights=(0.03, -0.012, 0.004),
    grain=0.8, vignette=0.08, bloom=0.28,
)  # fmt: skip
