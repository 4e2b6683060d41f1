"""The writer that needs no key: a songbook of couplets, chosen by what the photo shows and how it feels."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from auratune.core.treatment import LyricLine, Treatment
from auratune.providers.embedded import EMBEDDED
from auratune.providers.embedded.writing.lyrics import lyrics_for
from auratune.providers.embedded.writing.music_brief import brief_for
from auratune.providers.embedded.writing.scene_reading import Reading, read
from auratune.providers.embedded.writing.titles import title_for
from auratune.providers.words.style_request import look_for, read_style, style_notices
from auratune.providers.words.user_words import clean_title, own_lyrics

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.options import Options
    from auratune.core.photo import Photo
    from auratune.core.scene import Scene

_ARCS = {
    "radiant": "Begins bright, gathers speed, and ends with the whole picture shining.",
    "tender": "Begins close and quiet, warms through the chorus, and ends at rest.",
    "restless": "Begins under tension, breaks open in the chorus, and ends wide awake.",
    "wistful": "Begins far away, comes near in the chorus, and ends letting go.",
    "still": "Begins calmly, opens out in the chorus, and ends where it began.",
}
_UNSUNG = "An instrumental was asked for, so the lyrics that came with it are not used."


class EmbeddedSongwriter:
    """Writes title, lyrics, look and music brief from the scene alone; the same photo gives the same words."""

    name = EMBEDDED.name
    vendor = EMBEDDED

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        """Write a treatment; the person's own title and lyrics are kept word for word. Raises `InvalidOption`."""
        del context
        reading = read(photo, scene)
        wish = read_style(options.style)
        title = clean_title(options.title) or title_for(reading, _chance(photo, "title"))
        lyrics, words_by = self._words(photo, reading, title, options)
        return Treatment(
            title=title,
            lyrics=lyrics,
            look=wish.look or look_for(scene, _chance(photo, "look")),
            mood_arc=_ARCS[reading.mood],
            music=brief_for(photo, scene, options, title=title, lyrics=lyrics, mood=reading.mood, wish=wish),
            words_by=words_by,
            notices=(*style_notices(wish), *((_UNSUNG,) if options.instrumental and options.lyrics.strip() else ())),
        )

    def _words(self, photo: Photo, reading: Reading, title: str, options: Options) -> tuple[tuple[LyricLine, ...], str]:
        if options.instrumental:
            return (), self.name
        if own := own_lyrics(options.lyrics):
            return own, "you"
        lyrics = lyrics_for(
            reading,
            title,
            options.format.length_seconds,
            _chance(photo, "lyrics"),
            whole_song=options.excerpt == "best",
        )
        return lyrics, self.name


def _chance(photo: Photo, purpose: str) -> random.Random:
    return random.Random(f"{photo.seed}:{purpose}")
