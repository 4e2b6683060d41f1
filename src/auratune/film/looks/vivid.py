"""Vivid: clear, bright and colourful."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.13, exposure=0.17, contrast=0.56, saturation=1.22, vibrance=0.4, middle=(0.012, -0.004, 0.012),
    grain=0.6, vignette=0.12,
)  # fmt: skip
