"""Nothing is paid twice by itself."""

from __future__ import annotations

import pytest
from tests.unit.providers.conftest import Bench

from auratune.core.errors import ProviderBusy, ProviderInvalidResponse, ProviderOutcomeUnknown, ProviderRefused
from auratune.providers.claude import CLAUDE
from auratune.providers.elevenlabs import ELEVENLABS
from auratune.providers.http import outcome_unknown
from auratune.providers.pay_once import mark_failed, paid_already, paying
from auratune.providers.suno import SUNO


def test_a_call_that_went_well_is_used_again(bench: Bench) -> None:
    with paying(bench.context(), SUNO, "music", {"tags": "folk"}) as receipt:
        receipt.reference = "clip-1"
        receipt.units = {"credits": 5.0}
    done = paid_already(bench.context(), SUNO)
    assert done is not None
    assert (done.reference, done.units) == ("clip-1", {"credits": 5.0})


def test_the_intent_is_written_before_the_call(bench: Bench) -> None:
    with paying(bench.context(), SUNO, "music", {}):
        assert bench.receipt() == ["suno intent"]


def test_a_proof_that_nothing_was_made_allows_another_call(bench: Bench) -> None:
    with pytest.raises(ProviderBusy), paying(bench.context(), SUNO, "music", {}):
        raise ProviderBusy("later", provider="suno")
    assert bench.receipt() == ["suno refused"]
    assert paid_already(bench.context(), SUNO) is None


@pytest.mark.parametrize("error", [outcome_unknown(SUNO), TimeoutError(), KeyError("x")])
def test_anything_unclear_blocks_the_vendor_for_this_round(bench: Bench, error: Exception) -> None:
    with pytest.raises(type(error)), paying(bench.context(), SUNO, "music", {}):
        raise error
    assert bench.receipt() == ["suno intent"]
    with pytest.raises(ProviderOutcomeUnknown):
        paid_already(bench.context(), SUNO)


def test_a_person_may_try_again_after_an_unclear_outcome(bench: Bench) -> None:
    with pytest.raises(TimeoutError), paying(bench.context(), SUNO, "music", {}):
        raise TimeoutError
    assert paid_already(bench.context(attempt=2), SUNO) is None


def test_a_call_that_was_made_but_brought_nothing_is_not_repeated_in_its_round(bench: Bench) -> None:
    with pytest.raises(ProviderInvalidResponse):
        _pay_for_nonsense(bench)
    assert bench.receipt() == ["claude done!"]
    with pytest.raises(ProviderRefused):
        paid_already(bench.context(), CLAUDE)
    assert paid_already(bench.context(attempt=2), CLAUDE) is None


def _pay_for_nonsense(bench: Bench) -> None:
    with paying(bench.context(), CLAUDE, "words", {}) as receipt:
        receipt.reference = "msg-1"
        raise ProviderInvalidResponse("what?", provider="claude")


def test_a_song_that_the_vendor_failed_to_make_is_not_used_again(bench: Bench) -> None:
    with paying(bench.context(), SUNO, "music", {}) as receipt:
        receipt.reference = "clip-1"
        receipt.units = {"credits": 5.0}
    mark_failed(bench.context(), SUNO, "clip-1")
    assert bench.calls()[0].units == {"credits": 5.0, "failed": 1.0}
    assert paid_already(bench.context(attempt=2), SUNO) is None


def test_tasks_and_vendors_do_not_share_their_calls(bench: Bench) -> None:
    with paying(bench.context(), SUNO, "music", {}) as receipt:
        receipt.reference = "clip-1"
    assert paid_already(bench.context(), ELEVENLABS) is None
    assert paid_already(bench.context("task-2"), SUNO) is None
