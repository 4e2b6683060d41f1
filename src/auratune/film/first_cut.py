"""The first cut: a film with the built-in composer's song, made while a vendor's song is waited for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from auratune.core.film import FirstCut
from auratune.film.editing.editor import plan_film
from auratune.film.rendering.renderer import render
from auratune.music.analysis.beat_tracking import track_beats

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.film import Film
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.providers import Composer, MakeFirstCut
    from auratune.core.scene import Scene
    from auratune.core.song import Song
    from auratune.core.storyboard import Storyboard
    from auratune.core.treatment import Treatment


def first_cut_by(
    composer: Composer | None, photo: Photo, scene: Scene, treatment: Treatment, options: Options
) -> MakeFirstCut | None:
    """A function that makes the first cut with a composer's song; None without a composer."""
    if composer is None:
        return None
    return partial(_make, composer=composer, photo=photo, scene=scene, treatment=treatment, options=options)


def render_unless_drawn(
    context: StageContext, storyboard: Storyboard, photo: Photo, song: Song, first_cut: FirstCut | None
) -> Film:
    """The film; the first cut's where the built-in composer made the song in the end, which would give the same."""
    same_song = first_cut and (first_cut.song.music_by, first_cut.song.brief) == (song.music_by, song.brief)
    if first_cut and same_song and first_cut.storyboard == storyboard:
        return first_cut.film
    return render(context, storyboard, photo, song)


def _make(
    context: StageContext, *, composer: Composer, photo: Photo, scene: Scene, treatment: Treatment, options: Options
) -> FirstCut:
    request = composer.order(context, treatment.music)
    song = composer.collect(context, request)
    beats = track_beats(context, song, options)
    storyboard = plan_film(context, scene, treatment, song, beats, options, seed=photo.seed)
    film = render(context, storyboard, photo, song)
    return FirstCut(request=request, song=song, beats=beats, storyboard=storyboard, film=film)
