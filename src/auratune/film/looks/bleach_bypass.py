"""Bleach-bypass: silver left in the film: hard, cold and nearly grey."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.17, contrast=0.6, saturation=0.35,
    shadows=(-0.045, 0.012, 0.025), middle=(-0.085, 0.016, 0.03), highlights=(-0.07, 0.02, 0.02),
    grain=1.6, vignette=0.26,
)  # fmt: skip
