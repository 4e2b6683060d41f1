"""Answers that were paid for, kept in the store before the ledger is closed, so that a crash cannot lose them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auratune.core.errors import StorageError
from auratune.providers.pay_once import settle

if TYPE_CHECKING:
    from auratune.core.context import StageContext
    from auratune.core.task import PaidCall
    from auratune.providers.pay_once import Receipt
    from auratune.providers.vendor import Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResponse:
    """What one paid call brought."""

    number: int
    """The call's number in the ledger."""
    reference: str
    units: dict[str, float] = field(default_factory=dict)
    key: str = ""
    """Where the store keeps it; what came with it is beside it."""
    answer: Any = None
    """Plain JSON: whatever the provider needs to go on from here."""

    def belongs_to(self, call: PaidCall) -> bool:
        """Whether it is the answer to this call."""
        return (self.number, self.reference) == (call.number, call.reference)


def save_response(context: StageContext, receipt: Receipt, answer: Any) -> None:
    """Keep what a paid call brought under the key that its intent names. Raises `StorageError`."""
    plain = {"number": receipt.number, "reference": receipt.reference, "units": receipt.units, "answer": answer}
    with context.output(receipt.answer_name) as path:
        path.write_text(json.dumps(plain), encoding="utf-8")


def find_response(context: StageContext, vendor: Vendor) -> SavedResponse | None:
    """The latest answer that was kept; where a crash came before the ledger was closed, it is closed now."""
    for call in reversed(context.ledger.entries(context.task_id)):
        if call.vendor == vendor.name and call.answer_key and context.store.head(call.answer_key):
            saved = _load(context, call.answer_key)
            if saved:
                settle(context, vendor, saved.number, saved.reference, saved.units)
                return saved
    return None


def _load(context: StageContext, key: str) -> SavedResponse | None:
    try:
        with context.store.fetch(key) as path:
            plain = json.loads(path.read_text(encoding="utf-8"))
        # Version 0.1 called the number of the call `attempt`.
        number = plain.pop("attempt", None)
        return SavedResponse(**{"number": number, **plain}, key=key)
    except (StorageError, ValueError, TypeError, AttributeError):
        return None
