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
    from auratune.providers.vendor import Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResponse:
    """What one paid call brought."""

    number: int
    """The call's number in the ledger."""
    reference: str
    units: dict[str, float] = field(default_factory=dict)
    answer: Any = None
    """Plain JSON: whatever the provider needs to go on from here."""

    def belongs_to(self, call: PaidCall) -> bool:
        """Whether it is the answer to this call."""
        return (self.number, self.reference) == (call.number, call.reference)


def save_response(context: StageContext, name: str, saved: SavedResponse) -> None:
    """Keep an answer durably. Raises `StorageError`."""
    plain = {"number": saved.number, "reference": saved.reference, "units": saved.units, "answer": saved.answer}
    with context.output(name) as path:
        path.write_text(json.dumps(plain), encoding="utf-8")


def find_response(context: StageContext, name: str, vendor: Vendor) -> SavedResponse | None:
    """The kept answer, if any; where a crash came before the ledger was closed, it is closed now."""
    key = context.key(name)
    if not context.store.exists(key):
        return None
    try:
        with context.store.fetch(key) as path:
            plain = json.loads(path.read_text(encoding="utf-8"))
        if "attempt" in plain:  # as version 0.1 wrote it
            plain["number"] = plain.pop("attempt")
        saved = SavedResponse(**plain)
    except (StorageError, ValueError, TypeError):
        return None
    settle(context, vendor, saved.number, saved.reference, saved.units)
    return saved
