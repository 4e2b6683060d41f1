"""Answers that were paid for, kept in the store before the ledger is closed, so that a crash cannot lose them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auratune.core.errors import StorageError
from auratune.providers.pay_once import settle

if TYPE_CHECKING:
    from auratune.core.ports import ObjectStore
    from auratune.core.task import PaidCall
    from auratune.providers.vendor import Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResponse:
    """What one paid call brought."""

    attempt: int
    """The call's number in the ledger."""
    reference: str
    units: dict[str, float] = field(default_factory=dict)
    answer: Any = None
    """Plain JSON: whatever the provider needs to go on from here."""

    def belongs_to(self, call: PaidCall) -> bool:
        """Whether it is the answer to this call."""
        return (self.attempt, self.reference) == (call.attempt, call.reference)


def save_response(store: ObjectStore, key: str, saved: SavedResponse) -> None:
    """Keep an answer durably. Raises `StorageError`."""
    plain = {"attempt": saved.attempt, "reference": saved.reference, "units": saved.units, "answer": saved.answer}
    with store.draft(key) as path:
        path.write_text(json.dumps(plain), encoding="utf-8")


def find_response(store: ObjectStore, key: str, vendor: Vendor) -> SavedResponse | None:
    """The kept answer, if any; where a crash came before the ledger was closed, it is closed now."""
    if not store.exists(key):
        return None
    try:
        with store.fetch(key) as path:
            plain = json.loads(path.read_text(encoding="utf-8"))
        saved = SavedResponse(**plain)
    except (StorageError, ValueError, TypeError):
        return None
    settle(vendor, saved.attempt, saved.reference, saved.units)
    return saved
