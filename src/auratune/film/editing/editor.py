"""The editor: scene, treatment, song and beats to a complete storyboard. Pure and seeded."""

from __future__ import annotations

import random

from auratune.core.beat_grid import BeatGrid
from auratune.core.context import StageContext
from auratune.core.options import Options
from auratune.core.scene import Scene
from auratune.core.song import Song, SungLine
from auratune.core.storyboard import Shot, Storyboard, Transition, TypeCue
from auratune.core.treatment import Treatment
from auratune.film.editing.candidates import propose_framings
from auratune.film.editing.depth_choice import has_layers, subject_lift
from auratune.film.editing.detail_lookup import Detail
from auratune.film.editing.effect_choice import film_effects, letterbox_bar, look_of, shot_effects
from auratune.film.editing.film_size import film_size
from auratune.film.editing.framing_rules import FrameGeometry, faces_of
from auratune.film.editing.move_planner import MovePlanner
from auratune.film.editing.pacing import cut_points, last_hit_seconds
from auratune.film.editing.set_piece_choice import FilmPlan, place_set_pieces
from auratune.film.editing.shot_sequence import (
    choose_framings,
    has_similar_neighbours,
    merge_shortest_pair,
    slots_between,
)
from auratune.film.editing.text_cues import TextPlacer, caption_cues, clear_of, end_cue, in_style, title_cue
from auratune.film.editing.transition_choice import choose_transitions
from auratune.music.lyric_timing import lay_lines


def plan_film(
    context: StageContext,
    scene: Scene,
    treatment: Treatment,
    song: Song,
    beats: BeatGrid,
    options: Options,
    *,
    seed: int,
) -> Storyboard:
    """`draw_storyboard` as a stage."""
    del context
    return draw_storyboard(scene, treatment, song, beats, options, seed=seed)


def draw_storyboard(
    scene: Scene, treatment: Treatment, song: Song, beats: BeatGrid, options: Options, *, seed: int
) -> Storyboard:
    """Plan every shot, transition, effect and text cue of the film.

    Same arguments, same storyboard. Every cut is within a frame of a beat where the grid can be trusted; shots cover
    frames 0 up to `frame_count` with no gap.
    """
    rng = random.Random(seed)
    form = options.format
    width_px, height_px = film_size(scene, form)
    frame_count = round(form.length_seconds * form.fps)
    bar = letterbox_bar(form, width_px, height_px)
    geometry = FrameGeometry(
        scene.width_px, scene.height_px, width_px, height_px, scene.light.sharpness, 1.0 - 2.0 * bar
    )
    look = look_of(treatment.look)

    cuts = cut_points(beats, frame_count / form.fps, form.fps, rng)
    slots = slots_between(cuts, beats, frame_count, form.fps)
    pool = propose_framings(scene, geometry, rng)
    chosen = choose_framings(slots, pool, geometry, rng)
    while cuts and has_similar_neighbours(chosen, geometry):
        # Too little in the photo to be cut so often: the two shortest neighbours become one shot.
        cuts = merge_shortest_pair(cuts, slots)
        slots = slots_between(cuts, beats, frame_count, form.fps)
        chosen = choose_framings(slots, pool, geometry, rng)
    layers = has_layers(scene)
    moves = MovePlanner(geometry, pool.protected, rng, pool.bodies, scene if layers else None).plan(slots, chosen)
    windows = [(geometry.window(move.start), geometry.window(move.end)) for move in moves]
    transitions = choose_transitions(slots, cuts, windows, look, form.fps, rng)
    plan = FilmPlan(slots, moves, beats, pool, geometry, form.fps, layers, look, faces_of(scene))
    set_pieces = place_set_pieces(plan, rng)
    plain_cuts = {index for piece in set_pieces for index in piece.plain_cuts}
    shots = tuple(
        Shot(
            first_frame=slot.first_frame,
            end_frame=slot.end_frame,
            subject=candidate.name,
            move=move,
            effects=shot_effects(slot, beats.confidence)
            + tuple(piece.effects[index] for piece in set_pieces if index in piece.effects),
            transition=Transition() if index in plain_cuts else transition,
        )
        for index, (slot, candidate, move, transition) in enumerate(zip(slots, chosen, moves, transitions, strict=True))
    )

    placer = TextPlacer(scene, geometry, shots, bar, Detail(scene.detail))
    captions = _captions(song, treatment, beats, frame_count, form.fps)
    style = treatment.music.style
    captions = tuple(placer.placed(in_style(cue, style, form.fps)) for cue in captions)
    drawn = captions if form.captions == "burned" else ()
    cues = _cards(treatment, song, shots, drawn, form.fps, frame_count, last_hit_seconds(beats, form.length_seconds))
    cues = [in_style(cue, style, form.fps) for cue in cues]
    cues += clear_of(drawn, cues, form.fps)
    return Storyboard(
        width_px=width_px,
        height_px=height_px,
        fps=form.fps,
        frame_count=frame_count,
        seed=seed,
        title=treatment.title,
        look=look,
        shots=shots,
        cues=_placed(placer, sorted(cues, key=lambda cue: cue.first_frame)),
        captions=captions,
        effects=film_effects(scene, look, treatment.music.style, form, frame_count),
        beats=beats,
        tilt_degrees=scene.tilt_degrees,
        mask_key=scene.mask.key if scene.mask else "",
        subject_lift=subject_lift(scene),
        captions_mode=form.captions,
        audio_codec=form.audio_codec,
    )


def _placed(placer: TextPlacer, cues: list[TypeCue]) -> tuple[TypeCue, ...]:
    """Every cue in its place; the title and one lyric line stand behind the subject where that can be read."""
    kept: list[TypeCue] = []
    for cue in cues:
        may = cue.role == "title" or (
            cue.role == "lyric" and not any(one.behind for one in kept if one.role == "lyric")
        )
        kept.append((placer.behind(cue) if may else None) or placer.placed(cue))
    return tuple(kept)


def _cards(
    treatment: Treatment,
    song: Song,
    shots: tuple[Shot, ...],
    lines: tuple[TypeCue, ...],
    fps: int,
    frame_count: int,
    hit_seconds: float | None,
) -> list[TypeCue]:
    first_line = lines[0].first_frame if lines else None
    opening = title_cue(treatment.title, shots[0].end_frame, first_line, fps, frame_count)
    free_from = opening.end_frame if opening else 0
    closing = end_cue(treatment.title, treatment.words_by, song.music_by, shots[-1], free_from, fps, hit_seconds)
    return [card for card in (opening, closing) if card is not None]


def _captions(song: Song, treatment: Treatment, beats: BeatGrid, frame_count: int, fps: int) -> tuple[TypeCue, ...]:
    """The lyric lines in film time: by the vendor's times where there are, else the person's, else laid on the grid."""
    lines = song.lines or treatment.lyrics
    if song.timing != "sung" and treatment.lyrics and all(line.start_seconds is not None for line in treatment.lyrics):
        timed = tuple(SungLine(text=line.text, start_seconds=line.start_seconds) for line in treatment.lyrics)
        return caption_cues(timed, frame_count, fps, "estimated")
    sung = song.timing == "sung" and any(line.start_seconds is not None for line in song.lines)
    return caption_cues(lay_lines(lines, beats), frame_count, fps, "sung" if sung else "estimated")
