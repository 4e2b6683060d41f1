"""From a photo to a film, top to bottom. Start here.

Every stage takes a `StageContext` and frozen values and returns one; big bytes stay in the store and values carry their
keys. `step` runs a stage: as a plain call from the command line, kept, retried and reported in the service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auratune.core.task import Stage
from auratune.film.editing.editor import plan_film
from auratune.film.first_cut import first_cut_by, render_unless_drawn
from auratune.music.analysis.beat_tracking import track_beats

if TYPE_CHECKING:
    from auratune.core.film import Film
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.providers import Providers, Step


def make_film(photo: Photo, options: Options, providers: Providers, step: Step) -> Film:
    """Turn an accepted photo into a film in the store.

    The same photo, options and seed give the same film, as far as the providers are deterministic (the embedded ones
    are). Raises any `AuraTuneError` of the stages.
    """
    # Look at the photo; the scene holds facts: subjects, palette, light, mood.
    scene = step(Stage.ANALYZE, providers.vision_model.analyze, photo, options)

    # Write title, lyrics and look, and the brief for the music.
    treatment = step(Stage.WRITE, providers.songwriter.write, photo, scene, options)

    # Where the song has to be waited for, a film with the built-in composer's song can be watched meanwhile.
    quick = first_cut_by(providers.first_cut_composer(treatment.music), photo, scene, treatment, options)
    with step.meanwhile(quick) as first_cut:
        # Ask for a song. This is where money is spent, so it is a stage of its own: collecting can be repeated freely.
        request = step(Stage.ORDER, providers.composer.order, treatment.music)
        song = step(Stage.COMPOSE, providers.composer.collect, request)

    # Find the beats, and which part of the song the film uses.
    beats = step(Stage.LISTEN, track_beats, song, options)

    # Plan every shot before the first frame is drawn.
    storyboard = step(Stage.PLAN, plan_film, scene, treatment, song, beats, options, seed=photo.seed)

    # Draw the frames, join them with the song, and keep the film.
    return step(Stage.RENDER, render_unless_drawn, storyboard, photo, song, first_cut())
