"""Task ids in addresses: what does not have the form of one is as unknown as what does not exist."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from auratune.core.errors import TaskNotFound


def validate_task_id(text: str) -> str:
    """The id in its canonical form. Raises `TaskNotFound` for what cannot be one."""
    try:
        return str(UUID(text))
    except ValueError:
        raise TaskNotFound("There is no such task.") from None


TaskId = Annotated[str, AfterValidator(validate_task_id)]
