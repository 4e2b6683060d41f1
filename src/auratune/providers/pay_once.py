"""The pay-once rule: an intent before each paid call, its outcome after it, and no second call by itself.

A vendor without an idempotency key cannot be asked twice safely. So the ledger is written and committed before a call;
what is found there after a crash decides what may happen next.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auratune.core.context import current_errand
from auratune.core.errors import ProviderBusy, ProviderRefused
from auratune.core.task import PaidState
from auratune.providers.http import outcome_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auratune.core.context import Errand
    from auratune.core.task import PaidCall
    from auratune.providers.vendor import Vendor

FAILED = "failed"
"""The unit (1.0) that marks a call that was made, and perhaps paid, but brought nothing to use."""


@dataclass(slots=True)
class Receipt:
    """What the caller learns while it pays: fill in `reference` as soon as the vendor has named what it made."""

    attempt: int
    reference: str = ""
    units: dict[str, float] = field(default_factory=dict)


def paid_already(vendor: Vendor) -> PaidCall | None:
    """The call of this task that must be used instead of a new one; None when the vendor may be asked.

    Raises `ProviderOutcomeUnknown` when a call of this round has no known outcome, and `ProviderRefused` when one of
    this round was made but brought nothing. A round that a person began starts clean, except that a good song that
    was paid for is used.
    """
    errand = current_errand()
    calls = [call for call in errand.ledger.entries(errand.task_id) if call.vendor == vendor.name]
    for call in reversed(calls):
        if call.state is PaidState.DONE and FAILED not in call.units:
            return call
    this_round = [call for call in calls if call.round == errand.round]
    if any(call.state is PaidState.INTENT for call in this_round):
        raise outcome_unknown(vendor)
    if any(call.state is PaidState.DONE for call in this_round):
        raise ProviderRefused(
            f"{vendor.title} was asked before and brought nothing that could be used.",
            provider=vendor.name,
            code="provider_failed_before",
        )
    return None


@contextmanager
def paying(vendor: Vendor, purpose: str, request: Any) -> Iterator[Receipt]:
    """Write the intent, make the call inside the block, write the outcome.

    The block must raise `ProviderBusy` or `ProviderRefused` with an empty `reference` only where the answer proves
    that nothing was made. With a reference, a failure is noted as made but useless. Anything else leaves the intent
    standing: the outcome is unknown.
    """
    errand = current_errand()
    attempt = errand.ledger.open(errand.task_id, vendor.name, purpose, fingerprint(request), round=errand.round)
    receipt = Receipt(attempt)
    try:
        yield receipt
    except Exception as error:
        if receipt.reference:
            _close(errand, vendor, receipt, PaidState.DONE, failed=True)
        elif isinstance(error, ProviderBusy | ProviderRefused):
            _close(errand, vendor, receipt, PaidState.REFUSED)
        raise
    _close(errand, vendor, receipt, PaidState.DONE)


def settle(vendor: Vendor, attempt: int, reference: str, units: dict[str, float]) -> None:
    """Close an intent of this task whose fruit turns out to be safe; any other state is left as it is."""
    errand = current_errand()
    for call in errand.ledger.entries(errand.task_id):
        if (call.vendor, call.attempt, call.state) == (vendor.name, attempt, PaidState.INTENT):
            _close(errand, vendor, Receipt(attempt, reference, units), PaidState.DONE)


def mark_failed(vendor: Vendor, reference: str) -> None:
    """Note that what was paid for turned out to be nothing: the vendor itself reports that making it failed."""
    errand = current_errand()
    for call in errand.ledger.entries(errand.task_id):
        if (call.vendor, call.reference, call.state) == (vendor.name, reference, PaidState.DONE) and reference:
            _close(errand, vendor, Receipt(call.attempt, reference, dict(call.units)), PaidState.DONE, failed=True)


def fingerprint(request: Any) -> str:
    """sha256 of a request's JSON, in hex: tells whether two requests were the same without keeping either."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def _close(errand: Errand, vendor: Vendor, receipt: Receipt, state: PaidState, *, failed: bool = False) -> None:
    units = {**receipt.units, FAILED: 1.0} if failed else receipt.units
    errand.ledger.close(errand.task_id, vendor.name, receipt.attempt, state, reference=receipt.reference, units=units)
