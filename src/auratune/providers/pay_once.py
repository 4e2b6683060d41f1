"""The pay-once rule: an intent before each paid call, its outcome after it, and no second call by itself.

A vendor without an idempotency key cannot be asked twice safely. So the ledger is written and committed before a call;
what is found there after a crash decides what may happen next.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from auratune.core.errors import AuraTuneError, ProviderBusy, ProviderRefused
from auratune.core.task import PaidState
from auratune.providers.http import outcome_unknown, senseless
from auratune.providers.waiting import start, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from auratune.core.context import StageContext
    from auratune.core.task import PaidCall
    from auratune.providers.vendor import OnRequest, Vendor

T = TypeVar("T")
FAILED = "failed"
"""The unit (1.0) that marks a call that was made, and perhaps paid, but brought nothing to use."""
_LARGEST_COUNT = 1e12
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Receipt:
    """What the caller learns while it pays: fill in `reference` as soon as the vendor has named what it made."""

    number: int
    answer_name: str
    """What the stage calls the answer, if it keeps it: the intent names its key."""
    reference: str = ""
    units: dict[str, float] = field(default_factory=dict)


def reference_of(named: Any) -> str:
    """What a vendor calls what it made, as it can be kept: at most 100 printable characters, or `unnamed`."""
    text = named if isinstance(named, str) else ""
    return "".join(character for character in text if character.isprintable())[:100] or "unnamed"


def counts_of(told: Mapping[str, Any]) -> dict[str, float]:
    """The positive counts of what a vendor says it used; anything else is left out."""
    return {
        name: float(count)
        for name, count in told.items()
        if isinstance(count, int | float) and 0 < count < _LARGEST_COUNT
    }


def paid_already(context: StageContext, vendor: Vendor) -> PaidCall | None:
    """The call of this task that must be used instead of a new one; None when the vendor may be asked.

    Raises `ProviderOutcomeUnknown` when a call of this attempt has no known outcome, and `ProviderRefused` when one of
    this attempt was made but brought nothing. An attempt that a person began starts clean, except that a good song that
    was paid for is used.
    """
    calls = [call for call in context.ledger.entries(context.task_id) if call.vendor == vendor.name]
    for call in reversed(calls):
        if call.state is PaidState.DONE and FAILED not in call.units:
            return call
    this_attempt = [call for call in calls if call.attempt == context.attempt]
    if any(call.state is PaidState.INTENT for call in this_attempt):
        raise outcome_unknown(vendor)
    if any(call.state is PaidState.DONE for call in this_attempt):
        raise ProviderRefused(
            f"{vendor.title} was asked before and brought nothing that could be used.",
            provider=vendor.name,
            code="provider_failed_before",
        )
    return None


@contextmanager
def paying(context: StageContext, vendor: Vendor, purpose: str, request: Any) -> Iterator[Receipt]:
    """Write the intent, make the call inside the block, write the outcome.

    The block must raise `ProviderBusy` or `ProviderRefused` with an empty `reference` only where the answer proves
    that nothing was made. With a reference, a failure is noted as made but useless. Anything else leaves the intent
    standing: the outcome is unknown.
    """
    name = f"{vendor.name}-{uuid.uuid4().hex[:8]}.json"
    number = context.ledger.open(
        context.task_id,
        vendor.name,
        purpose,
        fingerprint(request),
        attempt=context.attempt,
        answer_key=context.key(name),
    )
    receipt = Receipt(number, name)
    try:
        yield receipt
    except Exception as error:
        if receipt.reference:
            _close(context, vendor, receipt, PaidState.DONE, failed=True)
        elif isinstance(error, ProviderBusy | ProviderRefused):
            _close(context, vendor, receipt, PaidState.REFUSED)
        raise
    _close(context, vendor, receipt, PaidState.DONE)


def buy(
    context: StageContext,
    vendor: Vendor,
    purpose: str,
    request: Any,
    call: Callable[[Receipt], T],
    *,
    deadline_seconds: float,
    on_request: OnRequest,
    note: str = "",
) -> T:
    """Make one paid call, by the rules of `paying`, in a thread that also closes the ledger.

    So an answer is never lost: nothing but the deadline ends the wait for it, so that a task that is cancelled or
    stopped meanwhile ends after it, and one that comes later is still noted for another attempt. Raises what `call`
    raises of ours, and `ProviderOutcomeUnknown` after the deadline or where it failed in an unforeseen way.
    """

    def pay() -> T:
        with paying(context, vendor, purpose, request) as receipt:
            try:
                return call(receipt)
            except (AuraTuneError, OSError):
                raise
            except Exception:  # noqa: BLE001 -- whatever it is, the ledger and the film go on
                _log.exception("An answer of %s was read in an unforeseen way", vendor.title)
                raise (senseless(vendor) if receipt.reference else outcome_unknown(vendor)) from None

    outcome = "ok"
    try:
        return wait_for(context.shielded(), start(pay), deadline_seconds, note)
    except TimeoutError:
        outcome = "provider_outcome_unknown"
        raise outcome_unknown(vendor) from None
    except AuraTuneError as error:
        outcome = error.code
        raise
    finally:
        on_request(vendor.name, outcome)


def settle(context: StageContext, vendor: Vendor, number: int, reference: str, units: dict[str, float]) -> None:
    """Close an intent of this task whose fruit turns out to be safe; any other state is left as it is."""
    for call in context.ledger.entries(context.task_id):
        if (call.vendor, call.number, call.state) == (vendor.name, number, PaidState.INTENT):
            _close(context, vendor, Receipt(number, "", reference, units), PaidState.DONE)


def mark_failed(context: StageContext, vendor: Vendor, reference: str) -> None:
    """Note that what was paid for turned out to be nothing: the vendor itself reports that making it failed."""
    for call in context.ledger.entries(context.task_id):
        if (call.vendor, call.reference, call.state) == (vendor.name, reference, PaidState.DONE) and reference:
            _close(context, vendor, Receipt(call.number, "", reference, dict(call.units)), PaidState.DONE, failed=True)


def fingerprint(request: Any) -> str:
    """sha256 of a request's JSON, in hex: tells whether two requests were the same without keeping either."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def _close(context: StageContext, vendor: Vendor, receipt: Receipt, state: PaidState, *, failed: bool = False) -> None:
    units = {**receipt.units, FAILED: 1.0} if failed else receipt.units
    context.ledger.close(context.task_id, vendor.name, receipt.number, state, reference=receipt.reference, units=units)
