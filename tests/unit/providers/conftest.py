"""A task that pays from its own ledger, a store in a folder, a photo in it, and a brief."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.contexts import a_context

from auratune.core.context import MemoryLedger, StageContext
from auratune.core.errors import AuraTuneError
from auratune.core.photo import Photo
from auratune.core.task import PaidCall
from auratune.core.treatment import LyricLine, MusicBrief
from auratune.storage.local import LocalStore

LINES = (
    ("verse", "Sun on the shoulder of the hill"),
    ("verse", "A kettle somewhere, standing still"),
    ("chorus", "Red house, keep the evening warm"),
    ("chorus", "I am late but I am near"),
)


@dataclass
class Bench:
    """One task on the workbench."""

    store: LocalStore
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    notes: list[str] = field(default_factory=list)
    outcomes: list[tuple[str, str]] = field(default_factory=list)

    def context(self, task_id: str = "task-1", attempt: int = 1) -> StageContext:
        def note(fraction: float | None, text: str = "") -> None:
            self.notes.append(text)

        return a_context(self.store, task_id=task_id, attempt=attempt, ledger=self.ledger, report=note)

    def receipt(self, task_id: str = "task-1") -> list[str]:
        """The task's paid calls as `vendor state`, useless ones marked."""
        return [
            f"{call.vendor} {call.state.value}{'!' if call.units.get('failed') else ''}" for call in self.calls(task_id)
        ]

    def calls(self, task_id: str = "task-1") -> tuple[PaidCall, ...]:
        return self.ledger.entries(task_id)

    def fails(self, call: Callable[[], object], error: type[AuraTuneError], code: str, receipt: str) -> None:
        """Check that a call fails in just this way, notes this on the task's receipt, and tells no key."""
        with pytest.raises(error) as caught:
            call()
        assert (caught.value.code, self.receipt()) == (code, [receipt])
        assert "canary" not in caught.value.message

    def heard(self, vendor: str, outcome: str) -> None:
        self.outcomes.append((vendor, outcome))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with an empty store and ledger."""
    return Bench(LocalStore(tmp_path / "store"))


@pytest.fixture
def photo(bench: Bench, photo_file: Callable[..., Path]) -> Photo:
    """A photo in the store."""
    with bench.store.create("photos/task-1.jpg", content_type="image/jpeg") as path:
        path.write_bytes(photo_file(480, 360).read_bytes())
    return Photo(key="photos/task-1.jpg", width_px=480, height_px=360, content_hash="ab" * 32, seed=7)


@pytest.fixture
def brief() -> MusicBrief:
    """A brief for a film of ten seconds."""
    return MusicBrief(
        title="The Red House Waits",
        length_seconds=10.0,
        genre_tags=("indie folk", "warm", "acoustic guitar"),
        style="indie-folk",
        tempo_low_bpm=88.0,
        tempo_high_bpm=96.0,
        key="G major",
        energy_curve=(0.3, 0.4, 0.8, 0.9),
        valence=0.4,
        arousal=0.3,
        warmth=0.2,
        brightness=0.5,
        lyrics=tuple(LyricLine(text, section) for section, text in LINES),  # type: ignore[arg-type]
        instrumental=False,
        seed=7,
    )
