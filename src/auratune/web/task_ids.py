"""Task ids in addresses: what has not the form of one is as unknown as what is not there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from auratune.core.errors import TaskNotFound


def in_form(text: str) -> str:
    """The id as the task service writes it. Raises `TaskNotFound` for what can be none."""
    try:
        return str(UUID(text))
    except ValueError:
        raise TaskNotFound("There is no such task.") from None


TaskId = Annotated[str, AfterValidator(in_form)]
