"""Teal-night: evening light, blue and green."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.09, exposure=-0.2, contrast=0.14, saturation=0.85,
    shadows=(-0.06, 0.012, 0.045), middle=(-0.1, 0.004, 0.05), highlights=(-0.04, 0.01, 0.03),
    grain=1.2, vignette=0.3, bloom=0.2,
)  # fmt: skip
