"""Particles: dust, snow, bokeh or rain in the air, behind the subject and in front of it where the photo has layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from auratune.film.effects.base import FilmEffect, PostSettings
from auratune.film.frame_time import FrameTime

KINDS = ("dust", "snow", "bokeh", "rain")


@dataclass(frozen=True, slots=True)
class Particles(FilmEffect):
    """`kind` is one of `KINDS`; `density` (0.4) from 0 to 1."""

    kind: str = "dust"
    density: float = 0.4

    def on_post(self, post: PostSettings, time: FrameTime) -> PostSettings:
        """The renderer draws them."""
        del time
        kind = self.kind if self.kind in KINDS else ""
        return replace(post, particles=kind, particle_density=min(1.0, max(0.0, self.density)))
