"""From a model's checked answer to the words of the field: boxes, clean words, and a treatment."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from auratune.core.errors import ProviderInvalidResponse, ProviderRefused
from auratune.core.geometry import Box
from auratune.core.scene import Mood, Scene, Subject
from auratune.core.treatment import LyricLine, MusicBrief, Treatment
from auratune.providers.content_filter import is_a_slur, names_an_address, plain, quotes, refuses
from auratune.providers.words.answer import Answer
from auratune.providers.words.prompt import PROMPT_SHINGLES
from auratune.providers.words.style_request import read_style, style_notices
from auratune.providers.words.user_words import clean_title, own_lyrics
from auratune.vision.straightening import straightened_box

if TYPE_CHECKING:
    from collections.abc import Iterable

    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.providers.vendor import Vendor
    from auratune.providers.words.answer import SeenSubject

BoxScale = tuple[int, int] | None
"""What coordinates are divided by, across and down; None where boxes are not to be trusted."""
FEWEST_LINES = 4
MOST_LINES = 16
_LONGEST_LINE = 90
_LONGEST_TITLE = 60
_LONGEST_CAPTION = 200
_SMALLEST_BOX = 0.0009
"""Share of the picture: 3 % of each edge; a smaller box is no close-up but noise."""
_SAME_FACE = 0.3
_SAME_SUBJECT = 0.8
_MOST_SUBJECTS = 8
"""Measured faces come on top: none that was found may be cut."""
_CURVE_POINTS = 8
_KEY = re.compile(r"([A-G])\s?(#|♯|b|♭|sharp|flat)?\s*[- ]?\s*(major|minor|maj|min)?", re.IGNORECASE)
_TAG = re.compile(r"[a-z0-9&'’ /-]{2,32}", re.IGNORECASE)


def read_answer(text: str, vendor: Vendor) -> Answer:
    """The answer as a checked structure. Raises `ProviderInvalidResponse`."""
    try:
        return Answer.model_validate_json(text)
    except (ValidationError, ValueError, RecursionError):
        raise _no_sense(vendor, "sent an answer that does not have the form that was asked for") from None


def to_scene(answer: Answer, measured: Scene, photo: Photo, options: Options, vendor: Vendor, scale: BoxScale) -> Scene:
    """The measured scene with what the model saw, and its treatment as the draft.

    Coordinates are divided by `scale`; None keeps the measured boxes and takes only the labels.

    Raises `ProviderRefused` when the words are an excuse, `ProviderInvalidResponse` when they cannot be used.
    """
    caption = plain(answer.caption, _LONGEST_CAPTION)
    _refuse_excuses(vendor, [caption, answer.title, *(line.text for line in answer.lyrics)])
    scene = replace(
        measured,
        subjects=_subjects(answer.subjects, measured, scale),
        mood=Mood(_within(answer.valence, -1.0, 1.0), _within(answer.arousal, 0.0, 1.0)),
        caption=caption if caption and _may_be_shown(caption) else measured.caption,
        seen_by=vendor.name,
    )
    return replace(scene, draft=_treatment(answer, scene, photo, options, vendor))


def adapted(draft: Treatment, options: Options) -> Treatment:
    """The draft as the person wants it: their own title, lyrics, look, style and composer win, word for word.

    Raises `InvalidOption` when title or lyrics are absurdly long.
    """
    wish = read_style(options.style)
    own = own_lyrics(options.lyrics)
    lyrics = () if options.instrumental else own or draft.lyrics
    title = clean_title(options.title) or draft.title
    music = replace(
        draft.music,
        title=title,
        length_seconds=options.format.length_seconds,
        genre_tags=tuple(dict.fromkeys((*wish.words, *draft.music.genre_tags))),
        style=wish.music or draft.music.style,
        lyrics=lyrics,
        instrumental=options.instrumental,
        composer=options.music,
        whole_song=options.excerpt == "best",
    )
    return replace(
        draft,
        title=title,
        lyrics=lyrics,
        look=wish.look or draft.look,
        music=music,
        words_by="you" if own and not options.instrumental else draft.words_by,
        notices=(*style_notices(wish), *draft.notices),
    )


def _treatment(answer: Answer, scene: Scene, photo: Photo, options: Options, vendor: Vendor) -> Treatment:
    # Words of the person's own, or none, do not hang on whether Claude's can be used.
    lyrics = () if options.instrumental or options.lyrics.strip() else _lyrics(answer, vendor)
    title = plain(answer.title, _LONGEST_TITLE)
    if not title or not _may_be_shown(title):
        title = lyrics[0].text if lyrics else "This moment"
    low = _within(answer.tempo_low_bpm, 50.0, 180.0)
    arc = plain(answer.mood_arc, _LONGEST_CAPTION)
    music = MusicBrief(
        title=title,
        length_seconds=options.format.length_seconds,
        genre_tags=_tags(answer.genre_tags) or (answer.style.replace("-", " "),),
        style=answer.style,
        tempo_low_bpm=low,
        tempo_high_bpm=_within(answer.tempo_high_bpm, low, low + 30.0),
        key=_key(answer.key),
        energy_curve=_curve(answer.energy_curve),
        valence=scene.mood.valence,
        arousal=scene.mood.arousal,
        warmth=scene.light.warmth,
        brightness=scene.light.brightness,
        lyrics=lyrics,
        instrumental=options.instrumental,
        seed=photo.seed,
        photo_key=photo.key,
    )
    return Treatment(
        title=title,
        lyrics=lyrics,
        look=answer.look,
        mood_arc=arc if _may_be_shown(arc) else "",
        music=music,
        words_by=vendor.name,
    )


def _lyrics(answer: Answer, vendor: Vendor) -> tuple[LyricLine, ...]:
    """Lines that may be sung. A line with an address or a slur is left out; too few left are nonsense."""
    lines: list[LyricLine] = []
    for written in answer.lyrics[:MOST_LINES]:
        text = plain(re.sub(r"^\s*[\[(]\s*\w+\s*\d*\s*[\])]:?\s*", "", written.text), _LONGEST_LINE)
        if quotes(text, PROMPT_SHINGLES):
            raise _no_sense(vendor, "wrote about its task instead of the photo")
        if any(letter.isalpha() for letter in text) and _may_be_shown(text):
            lines.append(LyricLine(text, written.section))
    # An address may also be spread over two lines.
    joined = " ".join(line.text for line in lines)
    if len(lines) < FEWEST_LINES or quotes(joined, PROMPT_SHINGLES) or names_an_address(joined):
        raise _no_sense(vendor, "wrote lyrics that cannot be used")
    return tuple(lines)


def _may_be_shown(text: str) -> bool:
    return not (names_an_address(text) or is_a_slur(text) or refuses(text) or quotes(text, PROMPT_SHINGLES))


def _refuse_excuses(vendor: Vendor, texts: Iterable[str]) -> None:
    if any(refuses(text) for text in texts):
        raise ProviderRefused(
            f"{vendor.title} declined to write about this photo.", provider=vendor.name, code="provider_content_refused"
        )


def _subjects(seen: list[SeenSubject], measured: Scene, scale: BoxScale) -> tuple[Subject, ...]:
    """The model's names with measured edges: a detector places eyes and outlines better than a language model."""
    if scale is None:
        return _labelled(seen, measured.subjects)
    width, height = scale
    found = [subject for subject in measured.subjects if subject.kind != "region"]
    subjects: list[Subject] = []
    for one in seen:
        box = Box(one.left / width, one.top / height, one.right / width, one.bottom / height)
        # The model has seen the photo as it was taken; the scene may be straightened.
        box = straightened_box(box, measured.tilt_degrees, measured.width_px, measured.height_px).clipped()
        if box.width <= 0 or box.height <= 0 or box.area < _SMALLEST_BOX:
            continue
        twin = next((own for own in found if _same_kind(own, one) and own.box.likeness(box) > _SAME_FACE), None)
        if twin:
            box = twin.box
        if any(box.likeness(known.box) > _SAME_SUBJECT for known in subjects):
            continue
        if twin:
            found.remove(twin)
        label = plain(one.label, 40)
        weight = _within(one.importance, 0.0, 1.0)
        subjects.append(
            Subject(one.kind, box, weight, label if _may_be_shown(label) else "", twin.gaze if twin else 0.0)
        )
    subjects += [own for own in found if own.kind == "face"]
    if not subjects:
        return measured.subjects
    faces = [own.box for own in measured.subjects if own.kind == "face"]
    ordered = sorted(subjects, key=lambda subject: -subject.weight)
    return tuple(one for place, one in enumerate(ordered) if place < _MOST_SUBJECTS or one.box in faces)


def _same_kind(own: Subject, seen: SeenSubject) -> bool:
    return (own.kind == "face") == (seen.kind == "face")


def _labelled(seen: list[SeenSubject], measured: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """The measured subjects, each with the label of the next seen one of its kind."""
    labels: dict[str, list[str]] = {}
    for one in seen:
        label = plain(one.label, 40)
        labels.setdefault(one.kind, []).append(label if _may_be_shown(label) else "")
    return tuple(
        replace(subject, label=waiting.pop(0)) if (waiting := labels.get(subject.kind)) else subject
        for subject in measured
    )


def _tags(tags: list[str]) -> tuple[str, ...]:
    kept = (plain(tag, 32).lower() for tag in tags[:12])
    return tuple(dict.fromkeys(tag for tag in kept if _TAG.fullmatch(tag) and _may_be_shown(tag)))[:8]


def _key(told: str) -> str:
    match = _KEY.fullmatch(told.strip())
    if not match:
        return ""
    letter, accidental, mode = match.groups()
    sign = {"": "", "#": "#", "♯": "#", "sharp": "#"}.get((accidental or "").lower(), "b")
    return f"{letter.upper()}{sign} {'minor' if (mode or '').lower().startswith('min') else 'major'}"


def _curve(values: list[float]) -> tuple[float, ...]:
    curve = tuple(_within(value, 0.0, 1.0) for value in values[:_CURVE_POINTS])
    return curve if len(curve) >= 2 else (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.7, 0.4)


def _within(value: float, low: float, high: float) -> float:
    return min(high, max(low, float(value)))


def _no_sense(vendor: Vendor, what: str) -> ProviderInvalidResponse:
    return ProviderInvalidResponse(f"{vendor.title} {what}.", provider=vendor.name)
