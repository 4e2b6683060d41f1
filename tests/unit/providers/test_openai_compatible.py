"""Any OpenAI-compatible model: one call that sees and writes, free on this machine, and never believed blindly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.simulators.claude import IDEA
from tests.simulators.openai_compatible import MODEL, OpenAICompatibleSimulator
from tests.unit.providers.conftest import Bench
from tests.unit.providers.test_claude import HOSTILE_ANSWERS, MEASURED, TINY

from auratune.core.errors import AuraTuneError, ProviderInvalidResponse, ProviderOutcomeUnknown, ProviderRefused
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.scene import Scene
from auratune.core.treatment import Treatment
from auratune.providers.chain import SongwriterChain, VisionModelChain
from auratune.providers.content_filter import is_a_slur, names_an_address, quotes, refuses
from auratune.providers.embedded.songwriter import EmbeddedSongwriter
from auratune.providers.embedded.vision_model import EmbeddedVisionModel
from auratune.providers.openai_compatible.answer_text import json_in
from auratune.providers.openai_compatible.provider import ChatApi, OpenAICompatible, check
from auratune.providers.words.prompt import PROMPT_SHINGLES
from auratune.providers.words.writer import Picture
from auratune.subprocesses import SubprocessPool

KEY = "canary-openai-key"


@pytest.fixture
def server() -> Iterator[OpenAICompatibleSimulator]:
    with OpenAICompatibleSimulator(key=KEY, answer_seconds=0.01) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """The photo is measured and shrunk by functions that have tests of their own; here they answer at once."""

    def run(self: SubprocessPool, function: str, path: str, *arguments: Any, **options: Any) -> Any:
        return MEASURED if function.endswith(":analyze") else TINY

    monkeypatch.setattr(SubprocessPool, "run", run)


def model(server: OpenAICompatibleSimulator, bench: Bench, **options: Any) -> OpenAICompatible:
    given = {
        "model": server.model,
        "base_url": server.base_url,
        "key": KEY,
        "deadline_seconds": 10.0,
        "on_request": bench.heard,
    }
    return OpenAICompatible(**(given | options))


def analyzed(server: OpenAICompatibleSimulator, bench: Bench, photo: Photo, **options: Any) -> Scene:
    return model(server, bench, **options).analyze(bench.context(), photo, Options())


def test_one_call_sees_and_writes_and_is_free_on_this_machine(
    server: OpenAICompatibleSimulator, bench: Bench, photo: Photo
) -> None:
    maker = model(server, bench)
    scene = maker.analyze(bench.context(), photo, Options())
    treatment = maker.write(bench.context(), photo, scene, Options())
    assert (scene.seen_by, treatment.words_by, treatment.title) == ("openai", "openai", IDEA["title"])
    assert bench.receipt() == []
    assert bench.outcomes == [("openai", "ok")]


@pytest.mark.parametrize("fault", ["fenced", "chatty"])
def test_json_is_found_in_what_stands_around_it(
    server: OpenAICompatibleSimulator, bench: Bench, photo: Photo, fault: str
) -> None:
    server.faults.plan("chat", fault)
    assert analyzed(server, bench, photo).seen_by == "openai"
    assert len(server.paid) == 1


def test_a_useless_answer_is_asked_for_once_more_where_that_is_free(
    server: OpenAICompatibleSimulator, bench: Bench, photo: Photo
) -> None:
    server.faults.plan("chat", "wrong_schema")
    assert analyzed(server, bench, photo).seen_by == "openai"
    assert len(server.paid[1]["messages"]) == 4
    server.faults.plan("chat", "wrong_schema")
    with pytest.raises(ProviderInvalidResponse):
        analyzed(server, bench, photo, spends=True)
    assert bench.receipt() == ["openai done!"]
    assert len(server.paid) == 3


@pytest.mark.parametrize(
    ("fault", "error", "code", "words"),
    [
        ("401", ProviderRefused, "provider_key_refused", "key"),
        ("not_pulled", ProviderRefused, "provider_model_unknown", MODEL),
        ("404", ProviderRefused, "provider_request_refused", "address"),
        ("refusal", ProviderRefused, "provider_content_refused", "declined"),
        ("content_filter", ProviderRefused, "provider_content_refused", "declined"),
        ("length", ProviderInvalidResponse, "provider_answer_cut", "cut off"),
        ("only_thought", ProviderInvalidResponse, "provider_made_no_sense", "-instruct"),
        ("reset_after", ProviderOutcomeUnknown, "provider_outcome_unknown", "may have charged"),
        ("garbage_200", ProviderOutcomeUnknown, "provider_outcome_unknown", "may have charged"),
    ],
)
def test_every_failure_is_told_apart_and_none_is_paid_twice(
    server: OpenAICompatibleSimulator,
    bench: Bench,
    photo: Photo,
    fault: str,
    error: type[AuraTuneError],
    code: str,
    words: str,
) -> None:
    server.faults.plan("chat", fault)
    with pytest.raises(error, match=words) as caught:
        analyzed(server, bench, photo, spends=True)
    assert caught.value.code == code
    assert server.count("POST", "/v1/chat/completions") == 1
    assert KEY not in caught.value.message


@pytest.mark.parametrize(
    ("base_url", "name", "boxes", "extra"),
    [
        ("http://localhost:11434/v1", "qwen3-vl:8b-instruct", "thousandths", {"reasoning_effort": "none"}),
        ("http://localhost:1234/v1", "gemma4", "none", {}),
        ("https://openrouter.ai/api/v1", "anthropic/claude-x", "pixels", {"provider": {"require_parameters": True}}),
        ("https://api.openai.com/v1", "gpt-x", "none", {"max_completion_tokens": 8000}),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-x", "thousandths", {}),
    ],
)
def test_each_server_gets_what_it_understands(base_url: str, name: str, boxes: str, extra: dict[str, Any]) -> None:
    api = ChatApi(name, base_url, "", 5.0)
    body = api.request(Picture(TINY, 480, 360), Options())
    assert api.boxes == boxes
    assert {key: value for key, value in body.items() if key not in {"model", "messages", "response_format"}} == extra
    assert ("480 x 360" in body["messages"][1]["content"][1]["text"]) == (boxes == "pixels")
    assert api.vendor.capabilities.spends == ("localhost" not in base_url)


@pytest.mark.parametrize(
    ("base_url", "spends"),
    [
        ("http://host.docker.internal:11434/v1", False),
        ("http://192.168.0.7:11434/v1", False),
        ("https://ollama.com/v1", True),
        ("https://ollama.com:11434/v1", True),
        ("http://192.168.0.7:4000/v1", True),
    ],
)
def test_ollama_is_free_on_any_machine_and_a_gateway_that_may_charge_is_not(base_url: str, spends: bool) -> None:
    assert ChatApi("m", base_url, "", 5.0).vendor.capabilities.spends is spends


def test_a_model_that_cannot_place_things_keeps_the_measured_boxes_and_gives_them_names(
    bench: Bench, photo: Photo
) -> None:
    with OpenAICompatibleSimulator(key=KEY, answer_seconds=0.01, model="gemma4") as server:
        seen = {"kind": "face", "label": "a girl", "left": 1, "top": 2, "right": 3, "bottom": 4, "importance": 1}
        server.ideas = [IDEA | {"subjects": [seen]}]
        scene = analyzed(server, bench, photo)
    assert [(one.box, one.label) for one in scene.subjects] == [(MEASURED.subjects[0].box, "a girl")]


def test_the_doctor_tells_which_model_is_missing(server: OpenAICompatibleSimulator) -> None:
    assert check(MODEL, server.base_url, KEY)[0]
    good, sentence = check("llava", server.base_url, KEY)
    assert (good, MODEL in sentence) == (False, True)
    assert not check(MODEL, server.base_url, "wrong")[0]
    assert "reached" in check(MODEL, "http://127.0.0.1:9/v1")[1]


HOSTILE_TEXTS: list[dict[str, Any] | str] = [
    *HOSTILE_ANSWERS,
    "<!doctype html><html><body>Sign in</body></html>",
    "{" * 100_000,
    "<think>" + json.dumps(IDEA) + "</think>",
    "x" * 10_000_000,
    json.dumps(IDEA) + "x" * 10_000_000,
    json.dumps(IDEA | {"lyrics": "a string"}),
    json.dumps(IDEA | {"subjects": None}),
    json.dumps([IDEA]),
    "{'caption': 'single quotes'}",
    '{"caption": "\\ud800"}',
]


@pytest.mark.parametrize("index", range(len(HOSTILE_TEXTS)))
def test_a_hostile_answer_ends_as_a_clean_film_or_as_the_built_in_one(
    server: OpenAICompatibleSimulator, bench: Bench, photo: Photo, index: int
) -> None:
    server.ideas = [HOSTILE_TEXTS[index]] * 2
    maker = model(server, bench)
    scene = VisionModelChain([maker, EmbeddedVisionModel()]).analyze(bench.context(), photo, Options())
    treatment = SongwriterChain([maker, EmbeddedSongwriter()]).write(bench.context(), photo, scene, Options())
    assert treatment.words_by in {"openai", "embedded"}
    assert (treatment.words_by == "embedded") == bool(scene.notices)
    for words in _shown(scene, treatment):
        faults = (names_an_address(words), is_a_slur(words), refuses(words), quotes(words, PROMPT_SHINGLES))
        assert faults == (False, False, False, False), words
    assert all(0 <= one.box.left < one.box.right <= 1 for one in scene.subjects)
    assert KEY not in repr((scene, treatment, bench.notes))


def _shown(scene: Scene, treatment: Treatment) -> list[str]:
    words = [scene.caption, treatment.title, treatment.mood_arc, *treatment.music.genre_tags]
    return [*words, *(line.text for line in treatment.lyrics), *(subject.label for subject in scene.subjects)]


def test_json_in_leaves_what_is_none() -> None:
    assert json_in('<think>{"a": 1}</think> {"b": 2} bye') == '{"b": 2}'
    assert json_in("nothing") == "nothing"
