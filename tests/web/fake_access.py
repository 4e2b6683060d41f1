"""Share links and ended sessions in memory; `tests/contract/test_task_service.py` checks them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from auratune.core.errors import ShareLinkNotFound
from auratune.core.task import ShareLink

if TYPE_CHECKING:
    from tests.web.fake_task_service import FakeTaskService


class FakeShareLinks:
    """What `ShareLinks` promises, in a dictionary."""

    def __init__(self, service: FakeTaskService) -> None:
        self._service = service
        self._links: dict[str, ShareLink] = {}

    def create(self, task_id: str, owner: str, expires_at: datetime) -> ShareLink:
        self._service.find(task_id, owner)
        now = datetime.now(UTC)
        link = ShareLink(link_id=uuid.uuid4().hex, task_id=task_id, created_at=now, expires_at=expires_at)
        self._links[link.link_id] = link
        return link

    def of_task(self, task_id: str, owner: str) -> tuple[ShareLink, ...]:
        self._service.find(task_id, owner)
        return tuple(link for link in self._links.values() if link.task_id == task_id)

    def is_valid(self, task_id: str, link: str | int) -> bool:
        if isinstance(link, str):
            return link in self._links and self._links[link].task_id == task_id
        task = self._service.tasks.get(task_id)
        return task is None or task.share_version == link

    def revoke(self, task_id: str, owner: str, link_id: str = "") -> None:
        task = self._service.find(task_id, owner)
        mine = [link.link_id for link in self.of_task(task_id, owner) if link_id in {"", link.link_id}]
        if link_id not in {"", ShareLink.OWN} and not mine:
            raise ShareLinkNotFound("This film has no such share link.")
        for each in mine:
            del self._links[each]
        if link_id in {"", ShareLink.OWN}:
            self._service.tasks[task_id] = replace(task, share_version=task.share_version + 1)


class FakeEndedSessions:
    """What `EndedSessions` promises, in a set."""

    def __init__(self) -> None:
        self._ended: set[str] = set()

    def end(self, token: str, until: float) -> None:
        assert until > 0
        self._ended.add(token)

    def has_ended(self, token: str) -> bool:
        return token in self._ended
