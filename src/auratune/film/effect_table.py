"""Effects and set pieces by name."""

from __future__ import annotations

import dataclasses

from auratune.core.errors import RenderError
from auratune.core.storyboard import Effect
from auratune.film.effects import EFFECTS
from auratune.film.effects.base import FilmEffect
from auratune.film.set_pieces import SET_PIECES

LAYERED_EFFECTS = frozenset({"silhouette_reveal"})
"""Effects that treat the subject and its background differently, where the photo has layers."""


def effect_of(effect: Effect) -> FilmEffect:
    """The effect that a storyboard names, with its settings. Raises `RenderError` for an unknown name or setting."""
    kind = EFFECTS.get(effect.name) or SET_PIECES.get(effect.name)
    if kind is None:
        raise RenderError(f"There is no effect called {effect.name!r}.", code="unknown_effect")
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(effect.settings) - known)
    if unknown:
        raise RenderError(f"The effect {effect.name!r} has no setting {unknown[0]!r}.", code="unknown_setting")
    return kind(**effect.settings)
