"""Whatever a vendor does, words and music come out, nothing is paid twice, and no key is ever written down.

All kinds of fault, many times over: `python -m tests.simulators.matrix --times 5`.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.simulators.matrix import KEYS, KINDS, Kind, run

from auratune.core import serialization

_CHOSEN = {
    "claude messages 401",
    "claude messages reset_after",
    "claude messages refusal",
    "claude messages html_200",
    "claude messages api_error",
    "suno generate 401",
    "suno generate garbage_200",
    "suno generate 429:1",
    "suno clips html_200",
    "suno clip moderation",
    "suno stream drop",
    "suno audio html_200",
    "elevenlabs music 422",
    "elevenlabs music cut_200",
    "elevenlabs music bad_prompt",
    "openai chat not_pulled",
    "openai chat reset_after",
    "openai chat only_thought",
    "openai chat fenced",
    "lyria interactions no_audio",
    "lyria interactions no_billing",
    "lyria interactions cut_200",
    "lyria interactions old_form",
    "acestep query forgotten",
    "acestep query elsewhere",
    "acestep audio html_200",
}


def test_the_matrix_holds_at_least_thirty_kinds_of_fault() -> None:
    for vendor in ("openai", "lyria", "acestep"):
        assert len({kind.name for kind in KINDS if kind.vendor == vendor}) >= 30
    assert {kind.name for kind in KINDS} >= _CHOSEN


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name in _CHOSEN], ids=lambda kind: kind.name)
def test_a_film_can_be_made_is_labelled_truthfully_and_no_key_leaks(
    kind: Kind, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = run(kind, tmp_path)
    assert outcome.fault == ""
    written = [caplog.text, repr(outcome.ledger.calls), repr(outcome.heard)]
    written += [
        serialization.dumps(value).decode() for value in (outcome.treatment, outcome.song, list(outcome.notices))
    ]
    written += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    for key in KEYS.values():
        assert not [text for text in written if key in text]
