"""The bot's memory: which messages it has read, and which photos are on their way. One small file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from auratune.core.errors import InvalidSetting
from auratune.telegram.messages import Job

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class _Content:
    offset: int = 0
    jobs: dict[int, Job] = field(default_factory=dict)


class Jobs:
    """Jobs by the number of their update. Each change is on the disk when the call returns."""

    def __init__(self, path: Path) -> None:
        """Raises `InvalidSetting` when the file is there and is not the bot's."""
        self._path = path
        self._content = _Content()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._content = msgspec.json.decode(path.read_bytes(), type=_Content)
        except FileNotFoundError:
            pass
        except (msgspec.DecodeError, OSError):
            raise InvalidSetting(
                f"The file {path.name} in TEMP_DIR, the bot's memory of photos under way, cannot be read; remove it."
            ) from None

    @property
    def offset(self) -> int:
        """Number of the first update that was not read yet."""
        return self._content.offset

    def all(self) -> list[Job]:
        """Jobs that are not done, oldest first."""
        return [self._content.jobs[number] for number in sorted(self._content.jobs)]

    def read(self, update_id: int, job: Job | None) -> None:
        """An update was read; with its job, if it holds one, so that Telegram may forget it."""
        self._content.offset = max(self._content.offset, update_id + 1)
        if job:
            self._content.jobs[update_id] = job
        self._write()

    def change(self, job: Job) -> Job:
        """A job went on; returns it."""
        self._content.jobs[job.update_id] = job
        self._write()
        return job

    def end(self, job: Job) -> None:
        """A job is done, one way or the other."""
        self._content.jobs.pop(job.update_id, None)
        self._write()

    def _write(self) -> None:
        draft = self._path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(self._content))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
