"""Golden: the hour before sunset."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.045, exposure=0.09, contrast=0.1, saturation=1.05, vibrance=0.08,
    shadows=(0.03, 0.004, -0.03), middle=(0.11, 0.022, -0.1), highlights=(0.07, 0.012, -0.12),
    grain=1.0, vignette=0.2, bloom=0.22,
)  # fmt: skip
