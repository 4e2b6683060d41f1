"""Share links that can be revoked: a film's own one, and those that were made on request."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa

from auratune.core.errors import ShareLinkNotFound, TaskConflict
from auratune.core.task import ShareLink
from auratune.tasks import task_table
from auratune.tasks.schema.tables import share_links, tasks

if TYPE_CHECKING:
    from datetime import datetime

    from auratune.tasks.database import Database

MOST_LINKS = 100
"""The most links of one film that are valid at the same time."""


class ShareLinks:
    """Reads and writes the table. Every method may be called from any thread, and holds on every node at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, task_id: str, owner: str, expires_at: datetime) -> ShareLink:
        """Make a link. Raises `TaskNotFound`, and `TaskConflict` (`too_many_links`)."""
        link = ShareLink(link_id=uuid.uuid4().hex, task_id=task_id, created_at=task_table.now(), expires_at=expires_at)

        def work(connection: sa.Connection) -> None:
            task_table.find(connection, task_id, owner)
            if len(_valid(connection, task_id)) >= MOST_LINKS:
                raise TaskConflict(
                    f"This film has {MOST_LINKS} share links already; revoke some of them.", code="too_many_links"
                )
            connection.execute(
                sa.insert(share_links).values(
                    link_id=link.link_id,
                    task_id=task_id,
                    owner=owner,
                    created_at=link.created_at,
                    expires_at=expires_at,
                )
            )

        self._database.write(work)
        return link

    def of_task(self, task_id: str, owner: str) -> tuple[ShareLink, ...]:
        """The valid links that were made on request, oldest first. Raises `TaskNotFound`."""

        def work(connection: sa.Connection) -> tuple[ShareLink, ...]:
            task_table.find(connection, task_id, owner)
            return _valid(connection, task_id)

        return self._database.read(work)

    def is_valid(self, task_id: str, link: str | int) -> bool:
        """Whether a link has not been revoked: one made on request by its id, a film's own one by its version.

        True where there is no such task, which whoever looks it up finds out.
        """
        if isinstance(link, str):
            found = sa.select(sa.exists().where(share_links.c.link_id == link, share_links.c.task_id == task_id))
            return bool(self._database.read(lambda connection: connection.scalar(found)))
        version = sa.select(tasks.c.share_version).where(tasks.c.task_id == task_id)
        return self._database.read(lambda connection: connection.scalar(version)) in {None, link}

    def revoke(self, task_id: str, owner: str, link_id: str = "") -> None:
        """End one link, or all with the film's own one. Raises `TaskNotFound` and `ShareLinkNotFound`."""

        def work(connection: sa.Connection) -> None:
            task_table.find(connection, task_id, owner)
            which = share_links.c.task_id == task_id
            if link_id and link_id != ShareLink.OWN:
                which = sa.and_(which, share_links.c.link_id == link_id)
                if not connection.execute(sa.delete(share_links).where(which)).rowcount:
                    raise ShareLinkNotFound("This film has no such share link; it may have been revoked.")
                return
            version = {"share_version": tasks.c.share_version + 1}
            connection.execute(sa.update(tasks).where(tasks.c.task_id == task_id).values(version))
            if not link_id:
                connection.execute(sa.delete(share_links).where(which))

        self._database.write(work)


def _valid(connection: sa.Connection, task_id: str) -> tuple[ShareLink, ...]:
    columns = [share_links.c[name] for name in ("link_id", "task_id", "created_at", "expires_at")]
    of_task = sa.and_(share_links.c.task_id == task_id, share_links.c.expires_at > task_table.now())
    rows = connection.execute(sa.select(*columns).where(of_task).order_by(share_links.c.created_at))
    return tuple(ShareLink(**row) for row in rows.mappings())
