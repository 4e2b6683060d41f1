"""A vendor's song is judged before it is accepted, and silence at its start is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from tests.simulators.sound import song_mp3
from tests.unit.providers.conftest import Bench

from auratune.core.context import StageContext
from auratune.core.errors import InvalidSong
from auratune.core.song import Song, SongRequest, SungLine
from auratune.core.treatment import MusicBrief
from auratune.music.song_check import check_song
from auratune.providers.chain import ComposerChain
from auratune.providers.elevenlabs import ELEVENLABS
from auratune.providers.embedded import EMBEDDED
from auratune.providers.pay_once import paying
from auratune.providers.vendor import Vendor

LENGTH = 6.0


@dataclass
class Deliverer:
    """A composer that has been paid for the song that it delivers."""

    vendor: Vendor
    sound: bytes

    @property
    def name(self) -> str:
        return self.vendor.name

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        if self.vendor.capabilities.spends:
            with paying(context, self.vendor, "music", {}) as receipt:
                receipt.reference = "song-1"
        return SongRequest(music_by=self.name, brief=brief, reference="song-1")

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        name = "song.mp3" if self.vendor is EMBEDDED else f"{self.name}.mp3"
        with context.output(name) as path:
            path.write_bytes(self.sound)
        line = SungLine(text="Hello", start_seconds=4.0, end_seconds=5.0)
        return Song(
            key=context.key(name),
            music_by=self.name,
            length_seconds=LENGTH,
            brief=order.brief,
            lines=(line,),
            timing="sung",
            reference=order.reference,
            notices=order.notices,
        )


def delivered(bench: Bench, brief: MusicBrief, sound: bytes) -> Song:
    chain = ComposerChain([Deliverer(ELEVENLABS, sound), Deliverer(EMBEDDED, song_mp3(LENGTH))])
    return chain.collect(bench.context(), chain.order(bench.context(), replace(brief, length_seconds=LENGTH)))


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (song_mp3(LENGTH, kind="silence"), "a silent song"),
        (song_mp3(LENGTH, kind="noise"), "noise instead of a song"),
        (song_mp3(LENGTH, kind="tone"), "noise instead of a song"),
        (song_mp3(2.0), "a song that is too short"),
        (song_mp3(2.5, silent_seconds=3.0), "a song that is too short"),
        (b"<html>", "nothing that could be used"),
    ],
)
def test_what_is_no_song_is_the_vendor_s_failure_and_the_film_goes_on(
    bench: Bench, brief: MusicBrief, sound: bytes, words: str
) -> None:
    song = delivered(bench, brief, sound)
    assert song.music_by == "embedded"
    assert song.notices == (f"ElevenLabs sent {words}; the built-in composer made the music.",)
    assert bench.receipt() == ["elevenlabs done!"]
    assert bench.store.exists(bench.context().key("elevenlabs.mp3"))


def test_a_good_song_is_left_as_it_is(bench: Bench, brief: MusicBrief) -> None:
    song = delivered(bench, brief, song_mp3(LENGTH))
    assert (song.music_by, song.key, song.notices) == ("elevenlabs", bench.context().key("elevenlabs.mp3"), ())


def test_silence_at_the_start_is_left_out_and_the_lines_move_with_the_song(bench: Bench, brief: MusicBrief) -> None:
    song = delivered(bench, brief, song_mp3(LENGTH, silent_seconds=3.0))
    assert song.length_seconds == pytest.approx(LENGTH, abs=0.2)
    assert song.lines[0].start_seconds == pytest.approx(1.0, abs=0.2)
    with bench.store.fetch(song.key) as path:
        assert check_song(str(path), 1.0) < 0.3


def test_a_breath_before_the_first_note_stays(bench: Bench, brief: MusicBrief) -> None:
    song = delivered(bench, brief, song_mp3(LENGTH, silent_seconds=0.5))
    assert song.key == bench.context().key("elevenlabs.mp3")


def test_soft_music_is_music(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("song") / "song.mp3"
    path.write_bytes(song_mp3(LENGTH))
    assert check_song(str(path), 5.0) == 0.0
    with pytest.raises(InvalidSong, match="shorter"):
        check_song(str(path), 10.0)
