"""Natural: what the camera saw, a little more open."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.035, contrast=0.08, vibrance=0.12, grain=0.8, vignette=0.14,
)  # fmt: skip
