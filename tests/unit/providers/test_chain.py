"""The chain: a film always comes out, and it says truthfully who made what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from tests.unit.providers.conftest import Bench
from tests.unit.providers.test_claude import MEASURED

from auratune.core.context import StageContext
from auratune.core.errors import (
    AuraTuneError,
    InvalidSong,
    ProviderBusy,
    ProviderError,
    ProviderInvalidResponse,
    ProviderOutcomeUnknown,
    ProviderRefused,
    StorageError,
    SubprocessFailed,
    TaskCancelled,
)
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.scene import Scene
from auratune.core.song import Song, SongRequest
from auratune.core.treatment import MusicBrief, Treatment
from auratune.providers.chain import ComposerChain, Rules, SongwriterChain, VisionModelChain
from auratune.providers.pay_once import paying
from auratune.providers.registry import VENDORS
from auratune.providers.suno import SUNO
from auratune.providers.vendor import Vendor
from auratune.subprocesses import SubprocessPool


@pytest.fixture(autouse=True)
def _every_song_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """How songs are judged has tests of its own."""
    monkeypatch.setattr(SubprocessPool, "run", lambda *_, **__: 0.0)


@dataclass
class FakeComposer:
    """Fails as it is told to, else delivers."""

    name: str
    order_error: Exception | None = None
    collect_error: Exception | None = None
    orders: int = 0

    @property
    def vendor(self) -> Vendor:
        return VENDORS[self.name]

    def order(self, context: StageContext, brief: MusicBrief) -> SongRequest:
        self.orders += 1
        if self.order_error:
            raise self.order_error
        return SongRequest(music_by=self.name, brief=brief, reference=f"{self.name}-1")

    def collect(self, context: StageContext, order: SongRequest) -> Song:
        if self.collect_error:
            raise self.collect_error
        with context.output("song.mp3") as path:
            path.write_bytes(b"a song")
        return Song(
            key=context.key("song.mp3"),
            music_by=self.name,
            length_seconds=30.0,
            brief=order.brief,
            notices=order.notices,
        )


@dataclass
class FakeScribe:
    """Observes and writes."""

    name: str
    error: Exception | None = None
    draft: Treatment | None = None
    calls: list[str] = field(default_factory=list)

    @property
    def vendor(self) -> Vendor:
        return VENDORS[self.name]

    def analyze(self, context: StageContext, photo: Photo, options: Options) -> Scene:
        self.calls.append("observe")
        if self.error:
            raise self.error
        return replace(MEASURED, seen_by=self.name, draft=self.draft)

    def write(self, context: StageContext, photo: Photo, scene: Scene, options: Options) -> Treatment:
        self.calls.append("write")
        if self.error:
            raise self.error
        assert scene.draft
        return replace(scene.draft, words_by=self.name)


def built_in() -> FakeComposer:
    return FakeComposer("embedded")


def make(chain: ComposerChain, brief: MusicBrief, bench: Bench) -> Song:
    return chain.collect(bench.context(), chain.order(bench.context(), brief))


def test_the_first_composer_that_can_makes_the_music_without_a_notice(bench: Bench, brief: MusicBrief) -> None:
    later = FakeComposer("elevenlabs")
    song = make(ComposerChain([FakeComposer("suno"), later, built_in()]), brief, bench)
    assert (song.music_by, song.notices, later.orders) == ("suno", (), 0)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ProviderBusy("x"), "Suno was busy"),
        (ProviderBusy("x", code="provider_unreachable"), "Suno could not be reached"),
        (ProviderBusy("x", code="provider_timed_out"), "Suno took too long"),
        (ProviderRefused("x"), "Suno declined"),
        (ProviderRefused("x", code="provider_no_credit"), "The Suno account has no credit left"),
        (ProviderRefused("x", code="provider_key_refused"), "Suno did not accept the key"),
        (ProviderInvalidResponse("x"), "Suno sent nothing that could be used"),
        (ProviderOutcomeUnknown("x"), "Suno may have charged for this, but its answer was lost"),
        (ProviderError("x"), "Suno failed"),
        (KeyError("surprise"), "Suno failed"),
    ],
)
def test_each_failure_of_an_order_goes_down_the_ladder_with_its_own_words(
    error: Exception, words: str, bench: Bench, brief: MusicBrief
) -> None:
    song = make(ComposerChain([FakeComposer("suno", order_error=error), built_in()]), brief, bench)
    assert song.music_by == "embedded"
    assert song.notices == (f"{words}; the built-in composer made the music.",)


def test_every_step_down_is_told(bench: Bench, brief: MusicBrief) -> None:
    rungs = [
        FakeComposer("suno", order_error=ProviderBusy("x")),
        FakeComposer("elevenlabs", order_error=ProviderRefused("x")),
        built_in(),
    ]
    assert make(ComposerChain(rungs), brief, bench).notices == (
        "Suno was busy; the built-in composer made the music.",
        "ElevenLabs declined; the built-in composer made the music.",
    )
    rungs[1].order_error = None
    assert make(ComposerChain(rungs), brief, bench).notices == ("Suno was busy; ElevenLabs made the music.",)


@pytest.mark.parametrize("error", [TaskCancelled("x"), StorageError("x"), SubprocessFailed("x")])
def test_what_is_no_provider_s_fault_goes_through(error: AuraTuneError, bench: Bench, brief: MusicBrief) -> None:
    rest = built_in()
    with pytest.raises(type(error)):
        ComposerChain([FakeComposer("suno", order_error=error), rest]).order(bench.context(), brief)
    assert rest.orders == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ProviderBusy("x", code="provider_song_failed"), "Suno could not make the song"),
        (ProviderBusy("x", code="provider_download_failed"), "The song of Suno could not be fetched"),
        (ProviderInvalidResponse("x", code="unsafe_address"), "Suno named a song address that is not safe"),
        (InvalidSong("x"), "Suno sent nothing that could be used"),
    ],
)
def test_a_paid_song_that_cannot_be_had_is_replaced_by_a_free_one_only(
    error: Exception, words: str, bench: Bench, brief: MusicBrief
) -> None:
    paid = FakeComposer("elevenlabs")
    song = make(ComposerChain([FakeComposer("suno", collect_error=error), paid, built_in()]), brief, bench)
    assert song.music_by == "embedded"
    assert song.notices == (f"{words}; the built-in composer made the music.",)
    assert paid.orders == 0


def test_strict_rules_make_the_first_failure_final(bench: Bench, brief: MusicBrief) -> None:
    rest = built_in()
    for broken in (
        FakeComposer("suno", order_error=ProviderBusy("x")),
        FakeComposer("suno", collect_error=InvalidSong("x")),
    ):
        with pytest.raises((ProviderBusy, InvalidSong)):
            make(ComposerChain([broken, rest], rules=Rules(strict=True)), brief, bench)
    assert rest.orders == 0


def test_the_composer_that_was_asked_for_comes_first(bench: Bench, brief: MusicBrief) -> None:
    suno, eleven = FakeComposer("suno"), FakeComposer("elevenlabs")
    chain = ComposerChain([suno, eleven, built_in()])
    assert make(chain, replace(brief, composer="elevenlabs"), bench).music_by == "elevenlabs"
    assert make(chain, replace(brief, composer="embedded"), bench).music_by == "embedded"
    assert suno.orders == 0
    eleven.order_error = ProviderBusy("x")
    song = make(chain, replace(brief, composer="elevenlabs"), bench)
    assert (song.music_by, song.notices) == ("suno", ("ElevenLabs was busy; Suno made the music.",))


def test_a_composer_that_is_not_set_up_is_said_to_be_so(bench: Bench, brief: MusicBrief) -> None:
    song = make(ComposerChain([built_in()]), replace(brief, composer="suno"), bench)
    assert song.notices == ("Suno is not set up here; the built-in composer made the music.",)


def test_an_order_with_a_composer_that_was_taken_out_meanwhile_still_becomes_a_song(
    bench: Bench, brief: MusicBrief
) -> None:
    order = ComposerChain([FakeComposer("suno"), built_in()]).order(bench.context(), brief)
    song = ComposerChain([built_in()]).collect(bench.context(), order)
    assert (song.music_by, song.notices) == (
        "embedded",
        ("Suno is not set up here; the built-in composer made the music.",),
    )


def test_the_daily_cap_leads_to_the_built_in_composer_with_a_notice(bench: Bench, brief: MusicBrief) -> None:
    capped = ProviderRefused("The daily limit of 1 paid calls is reached.", provider="suno", code="daily_cap_reached")
    song = make(ComposerChain([FakeComposer("suno", order_error=capped), built_in()]), brief, bench)
    assert song.music_by == "embedded"
    assert song.notices == ("The daily limit of paid calls is reached; the built-in composer made the music.",)


def test_a_call_past_the_daily_cap_is_refused_before_it_is_made(bench: Bench) -> None:
    bench.ledger.daily_cap = 1
    with paying(bench.context("another-task"), SUNO, "music", {}) as receipt:
        receipt.reference = "suno-1"
    with pytest.raises(ProviderRefused) as caught, paying(bench.context(), SUNO, "music", {}):
        raise AssertionError("it must not come so far")
    assert caught.value.code == "daily_cap_reached"
    assert bench.calls() == ()


def test_words_fall_back_once_and_are_told_once(bench: Bench, photo: Photo, brief: MusicBrief) -> None:
    draft = Treatment(title="T", lyrics=(), look="golden", mood_arc="", music=brief, words_by="")
    claude = FakeScribe("claude", error=ProviderBusy("x"))
    writer = FakeScribe("embedded")
    observer = FakeScribe("embedded")
    scene = VisionModelChain([claude, observer]).analyze(bench.context(), photo, Options())
    assert (scene.seen_by, scene.notices) == ("embedded", ("Claude was busy; the built-in writer wrote the words.",))
    writer.write = lambda context, photo, scene, options: replace(draft, words_by="embedded")  # type: ignore[method-assign]
    treatment = SongwriterChain([claude, writer]).write(bench.context(), photo, scene, Options())
    assert (treatment.words_by, treatment.notices) == ("embedded", ())
    assert claude.calls == ["observe"]


def test_the_draft_of_the_one_who_looked_is_used(bench: Bench, photo: Photo, brief: MusicBrief) -> None:
    draft = Treatment(title="T", lyrics=(), look="golden", mood_arc="", music=brief, words_by="")
    claude = FakeScribe("claude", draft=draft)
    scene = VisionModelChain([claude, FakeScribe("embedded")]).analyze(bench.context(), photo, Options())
    treatment = SongwriterChain([claude, FakeScribe("embedded")]).write(bench.context(), photo, scene, Options())
    assert (treatment.words_by, claude.calls) == ("claude", ["observe", "write"])
