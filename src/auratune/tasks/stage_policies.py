"""What the engine needs to know about each stage: what to say, how long to wait, and when to try again."""

from __future__ import annotations

from dataclasses import dataclass

from auratune.core.task import MERGING_FROM, Stage

WAITING = "Your photo is safe. The film starts as soon as there is a free place…"
READY = "Your film is ready."
FIRST_CUT_READY = "A first cut can be watched; the film with the song that was asked for follows…"
NO_ROOM = "The disk is full. The film goes on by itself as soon as there is room…"
STOPPED = "You stopped this film."
STOPPING = "Stopping; what a vendor was asked for already is waited for…"
MERGING = "Joining sound and picture…"


@dataclass(frozen=True, slots=True)
class StagePolicy:
    """How a stage is run."""

    message: str
    attempts: int
    """Runs at most, of which all but the first follow an error that is `retryable`."""
    deadline_seconds: float
    """For one attempt; checked whenever the stage reports."""
    usual_seconds: float
    """A first guess of how long it takes, until there is experience."""
    spends: bool = False
    """May pay a vendor: then it runs again only when the ledger knows the outcome of every call."""


STAGE_POLICIES: dict[Stage, StagePolicy] = {
    Stage.ANALYZE: StagePolicy("Looking at your photo…", 2, 300, 1.0, spends=True),
    Stage.WRITE: StagePolicy("Writing your song…", 2, 300, 0.3, spends=True),
    Stage.ORDER: StagePolicy("Finding a composer…", 2, 300, 0.2, spends=True),
    Stage.COMPOSE: StagePolicy("Composing the music…", 3, 900, 6.0),
    Stage.LISTEN: StagePolicy("Listening for the beat…", 3, 300, 2.0),
    Stage.PLAN: StagePolicy("Planning the shots…", 2, 60, 0.1),
    Stage.RENDER: StagePolicy("Drawing your film…", 2, 1800, 25.0),
}


def message_at(stage: Stage, fraction: float, note: str = "") -> str:
    """What to tell the owner at a fraction (0 to 1) of a stage; a stage's own note comes first."""
    if note:
        return note
    if stage is Stage.RENDER and fraction >= MERGING_FROM:
        return MERGING
    return STAGE_POLICIES[stage].message


def wait_before(attempt: int, asked_seconds: float | None) -> float:
    """Seconds between two attempts: 1, 2, 4… or what a provider asked for, never more than a minute."""
    return min(60.0, max(2.0**attempt, asked_seconds or 0.0))
