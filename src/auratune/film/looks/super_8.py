"""Super-8: home movies of the seventies: faded, warm, unsteady in the gate."""

from __future__ import annotations

from auratune.film.looks.base import Look

LOOK = Look(
    lift=0.07, matte=0.035, exposure=-0.15, contrast=-0.1, saturation=0.97,
    shadows=(0.06, -0.012, 0.012), middle=(0.135, -0.022, -0.045), highlights=(0.08, 0.0, -0.09),
    grain=1.6, vignette=0.34, bloom=0.2, weave=0.0022,
)  # fmt: skip
