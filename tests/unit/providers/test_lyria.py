"""Lyria: one call, paid once, and the second at which each line begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.simulators.lyria import MODEL, LyriaSimulator
from tests.unit.providers.conftest import Bench

from auratune.core.errors import AuraTuneError, ProviderInvalidResponse, ProviderOutcomeUnknown, ProviderRefused
from auratune.core.photo import Photo
from auratune.core.treatment import LyricLine, MusicBrief
from auratune.providers.lyria.composer import LyriaComposer, check, prompt_of
from auratune.providers.lyria.timed_lyrics import read_times, timed_lines

KEY = "canary-lyria-key"


@pytest.fixture
def vendor() -> Iterator[LyriaSimulator]:
    with LyriaSimulator(key=KEY, answer_seconds=0.02, song_seconds=10.0) as simulator:
        yield simulator


def composer(vendor: LyriaSimulator, bench: Bench, **options: Any) -> LyriaComposer:
    given = {"key": KEY, "base_url": vendor.base_url, "deadline_seconds": 15.0, "on_request": bench.heard}
    return LyriaComposer(**(given | options))


def test_the_song_is_sung_with_our_words_at_their_times(
    vendor: LyriaSimulator, bench: Bench, brief: MusicBrief
) -> None:
    maker = composer(vendor, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert [line.text for line in song.lines] == [line.text for line in brief.lyrics]
    assert [line.start_seconds for line in song.lines] == [0.0, 2.5, 5.0, 7.5]
    assert song.timing == "sung"
    assert bench.receipt() == ["lyria done"]
    assert bench.calls()[0].units == {"songs": 1.0, "usd": 0.04}
    assert bench.outcomes == [("lyria", "ok")]


@pytest.mark.parametrize(
    ("fault", "timing"),
    [("old_form", "sung"), ("description_first", "sung"), ("no_times", "none"), ("other_words", "none"),
     ("wild_times", "none")],
)  # fmt: skip
def test_times_are_taken_only_where_they_fit_our_words(
    vendor: LyriaSimulator, bench: Bench, brief: MusicBrief, fault: str, timing: str
) -> None:
    vendor.faults.plan("interactions", fault)
    maker = composer(vendor, bench)
    song = maker.collect(bench.context(), maker.order(bench.context(), brief))
    assert song.timing == timing
    assert [line.text for line in song.lines] == [line.text for line in brief.lyrics]
    assert (timing == "none") == all(line.start_seconds is None for line in song.lines)


@pytest.mark.parametrize(
    ("fault", "error", "code", "receipt", "paid"),
    [
        ("401", ProviderRefused, "provider_key_refused", "refused", 0),
        ("model_unknown", ProviderRefused, "provider_model_unknown", "refused", 0),
        ("404", ProviderRefused, "provider_request_refused", "refused", 0),
        ("no_billing", ProviderRefused, "provider_no_credit", "refused", 0),
        ("no_free_tier", ProviderRefused, "provider_no_credit", "refused", 0),
        ("blocked", ProviderRefused, "provider_content_refused", "refused", 0),
        ("no_audio", ProviderInvalidResponse, "song_not_audio", "done!", 1),
        ("failed", ProviderInvalidResponse, "song_not_audio", "done!", 1),
        ("bad_base64", ProviderInvalidResponse, "song_not_audio", "done!", 1),
        ("reset_after", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 1),
        ("cut_200", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 1),
        ("500", ProviderOutcomeUnknown, "provider_outcome_unknown", "intent", 0),
    ],
)
def test_every_failure_is_told_apart_and_none_is_paid_twice(
    vendor: LyriaSimulator,
    bench: Bench,
    brief: MusicBrief,
    fault: str,
    error: type[AuraTuneError],
    code: str,
    receipt: str,
    paid: int,
) -> None:
    vendor.faults.plan("interactions", fault)
    bench.fails(lambda: composer(vendor, bench).order(bench.context(), brief), error, code, f"lyria {receipt}")
    assert (len(vendor.paid), vendor.count("POST", "/v1beta/interactions")) == (paid, 1)


def test_a_song_that_was_paid_for_is_used_again(vendor: LyriaSimulator, bench: Bench, brief: MusicBrief) -> None:
    first = composer(vendor, bench).order(bench.context(), brief)
    assert composer(vendor, bench).order(bench.context(attempt=2), brief) == first
    assert len(vendor.paid) == 1


@pytest.mark.parametrize("send_photo", [False, True])
def test_the_photo_leaves_only_where_the_setting_says_so(
    vendor: LyriaSimulator, bench: Bench, brief: MusicBrief, photo: Photo, send_photo: bool
) -> None:
    composer(vendor, bench, send_photo=send_photo).order(bench.context(), replace(brief, photo_key=photo.key))
    assert [part["type"] for part in vendor.paid[0]["input"]] == (["text", "image"] if send_photo else ["text"])


def test_the_prompt_tells_style_tempo_key_and_words(brief: MusicBrief) -> None:
    prompt = prompt_of(brief)
    assert "indie folk" in prompt
    assert "92 BPM" in prompt
    assert "G major" in prompt
    assert prompt.endswith("[Chorus]\nRed house, keep the evening warm\nI am late but I am near")
    assert "Lyrics" not in prompt_of(replace(brief, instrumental=True))
    assert "no vocals" in prompt_of(replace(brief, instrumental=True))


def test_the_doctor_can_ask_without_paying(vendor: LyriaSimulator) -> None:
    assert check(KEY, vendor.base_url)[0]
    assert "key" in check("wrong", vendor.base_url)[1]
    assert "LYRIA_MODEL" in check(KEY, vendor.base_url, model="lyria-of-yore")[1]
    assert MODEL in check(KEY, vendor.base_url)[1]
    assert vendor.paid == []


@pytest.mark.parametrize(
    "text",
    [
        "", "[0.0:] one\n[0.0:] two", "[5:] one\n[4:] two", "[99:] late", "[0.0] no colon", "[:] none", "[-1:] minus",
        "[1e9:] big", "[0.0:]", "Caption: x\n[0.0:] one", "[" * 9999, "[nan:] x",
    ],
)  # fmt: skip
def test_odd_times_are_no_times(text: str) -> None:
    assert read_times(text, 30.0) == []


def test_lines_are_matched_by_likeness_in_their_order() -> None:
    lyrics = tuple(LyricLine(text, "verse") for text in ("Sun on the hill", "Rain on the roof", "Home at last"))
    told = [(1.0, "sun on a hill (ooh)"), (4.0, "something of its own"), (9.0, "home, at last!")]
    lines, timing = timed_lines(lyrics, told, 12.0)
    assert timing == "sung"
    assert [line.start_seconds for line in lines] == [1.0, None, 9.0]
    assert [line.end_seconds for line in lines] == [4.0, None, 12.0]
    assert "something" not in " ".join(line.text for line in lines)
