"""Noir: black and white with deep shadows."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.22, exposure=-0.4, contrast=0.55, saturation=0.0, shadows=(-0.003, 0.0, 0.008), keeps_skin=0.0,
    grain=1.6, vignette=0.36,
)  # fmt: skip
