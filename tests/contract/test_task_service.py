"""What the web relies on from the task service, checked on the real one and on the fake that the web tests use."""

from __future__ import annotations

import hashlib
import io
import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest
from tests.conftest import paint
from tests.recovery.quick_providers import Behaviour, quick_service
from tests.waiting import wait_until
from tests.web.fake_task_service import FakeTaskService

from auratune.core.errors import InvalidOption, ShareLinkNotFound, TaskConflict, TaskNotFound
from auratune.core.options import FilmFormat, Options
from auratune.core.task import ShareLink, Status, TaskFilter, Upload
from auratune.storage.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from auratune.core.task import Submission, Task
    from auratune.tasks.service import TaskService

pytestmark = pytest.mark.xdist_group("task service")  # one service for all tests
UNKNOWN = "00000000-0000-0000-0000-000000000000"
_seeds = itertools.count(1)


class Subject(Protocol):
    service: TaskService | FakeTaskService
    folder: Path

    def finish(self, task_id: str, owner: str) -> Task: ...


class FakeSubject:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.service = FakeTaskService(LocalStore(folder))

    def finish(self, task_id: str, owner: str) -> Task:
        del owner
        return self.service.finish(task_id, title="Low Sun")

    def close(self) -> None:
        pass


class RealSubject:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.service = quick_service(folder, Behaviour(seconds=0.3))
        self.service.start()

    def finish(self, task_id: str, owner: str) -> Task:
        wait_until(lambda: self.service.find(task_id, owner).status.is_final, "the film is finished")
        return self.service.find(task_id, owner)

    def close(self) -> None:
        self.service.close()


@pytest.fixture(scope="module", params=[FakeSubject, RealSubject], ids=["fake", "real"])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    found = request.param(tmp_path_factory.mktemp("tasks"))
    yield found
    found.close()


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> str:
    """An owner of the test's own, since the service is shared."""
    return str(request.node.originalname)


def submit(subject: Subject, owner: str, *, seed: int = 0, **choices: object) -> Submission:
    buffer = io.BytesIO()
    paint(64, 48, seed=seed or next(_seeds)).save(buffer, "PNG")
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    path = subject.folder / "incoming" / f"{digest[:16]}-{next(_seeds)}.part"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(buffer.getvalue())
    upload = Upload(
        path=str(path),
        content_hash=digest,
        size_bytes=path.stat().st_size,
        owner=owner,
        **choices,  # type: ignore[arg-type]
    )
    submission = subject.service.submit(upload)
    assert not path.exists()
    return submission


def test_a_task_is_known_to_its_owner_alone(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    assert subject.service.find(task_id, owner).owner == owner
    assert subject.service.details(task_id, owner).task.task_id == task_id
    service = subject.service
    for asked, by in ((task_id, "stranger"), (UNKNOWN, owner)):
        for call in (service.find, service.details, service.cancel, service.retry, service.delete):
            with pytest.raises(TaskNotFound):
                call(asked, by)
        with pytest.raises(TaskNotFound):
            service.remake(asked, by, Options())
        with pytest.raises(TaskNotFound):
            service.film_key(asked, by, "film")


def test_the_same_photo_is_one_task_for_one_owner(subject: Subject, owner: str) -> None:
    first = submit(subject, owner, seed=501)
    again = submit(subject, owner, seed=501)
    assert (first.duplicate, again.duplicate, again.task_id) == (False, True, first.task_id)
    assert submit(subject, owner, seed=501, allow_duplicate=True).task_id != first.task_id
    assert not submit(subject, f"{owner}-other", seed=501).duplicate


def test_an_idempotency_key_gives_the_same_task_and_refuses_another_photo(subject: Subject, owner: str) -> None:
    first = submit(subject, owner, seed=601, idempotency_key="k")
    assert submit(subject, owner, seed=601, idempotency_key="k").task_id == first.task_id
    with pytest.raises(InvalidOption) as caught:
        submit(subject, owner, seed=602, idempotency_key="k")
    assert caught.value.code == "idempotency_key_reused"
    assert subject.service.task_of_key(owner, "k") == first.task_id
    assert subject.service.task_of_key("another", "k") is None


def test_a_finished_film_has_files_and_cannot_be_stopped_or_tried_again(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    task = subject.finish(task_id, owner)
    assert (task.status, task.progress, task.title) == (Status.DONE, 100, "Low Sun")
    assert subject.service.film_key(task_id, owner, "film").endswith(".mp4")
    with pytest.raises(TaskConflict) as caught:
        subject.service.cancel(task_id, owner)
    assert caught.value.code == "task_already_ended"
    with pytest.raises(TaskConflict) as caught:
        subject.service.retry(task_id, owner)
    assert caught.value.code == "task_already_done"


def test_a_stopped_task_stays_stopped_and_has_no_film(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    assert subject.service.cancel(task_id, owner).status is Status.CANCELLED
    assert subject.service.cancel(task_id, owner).status is Status.CANCELLED
    with pytest.raises(TaskConflict) as caught:
        subject.service.film_key(task_id, owner, "film")
    assert caught.value.code == "task_not_finished"


def test_a_remake_is_another_task_of_the_same_photo(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    original = subject.finish(task_id, owner)
    shape = FilmFormat(length_seconds=5.0)
    made = subject.service.remake(task_id, owner, Options(style="noir", format=shape))
    remade = subject.service.find(made.task_id, owner)
    assert made.task_id != task_id
    assert (remade.photo.content_hash, remade.options.style) == (original.photo.content_hash, "noir")
    subject.finish(made.task_id, owner)
    third = subject.service.remake(made.task_id, owner, Options(style="vivid", format=shape)).task_id
    submit(subject, owner)
    family = subject.service.page(owner, TaskFilter(origin=task_id)).tasks
    assert [(task.task_id, task.made_from) for task in family] == [
        (third, task_id),
        (made.task_id, task_id),
        (task_id, ""),
    ]


def test_pages_are_newest_first_and_can_be_filtered(subject: Subject, owner: str) -> None:
    ids = [submit(subject, owner).task_id]
    subject.service.cancel(ids[0], owner)
    ids += [submit(subject, owner).task_id for _ in range(2)]
    for task_id in ids[1:]:
        subject.finish(task_id, owner)
    service = subject.service
    first = service.page(owner, limit=2)
    rest = service.page(owner, limit=2, cursor=first.next_cursor)
    assert [task.task_id for task in first.tasks + rest.tasks] == ids[::-1]
    assert (first.total_count, rest.next_cursor) == (3, "")
    assert [task.task_id for task in service.page(owner, TaskFilter(status="cancelled")).tasks] == [ids[0]]
    found = {task.task_id for task in service.page(owner, TaskFilter(query="low sun")).tasks}
    assert set(ids[1:]) <= found
    assert service.page(owner, TaskFilter(query="no such words")).tasks == ()
    assert service.page("stranger").total_count == 0


def test_events_are_in_order_and_end_with_the_end(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    subject.finish(task_id, owner)
    events = subject.service.events_after(0, owner, task_id)
    numbers = [event.sequence for event in events]
    assert numbers == sorted(set(numbers))
    assert (events[0].status, events[-1].status) == (Status.UPLOADED, Status.DONE)
    assert {event.task_id for event in events} == {task_id}
    assert subject.service.events_after(numbers[-1], owner, task_id) == ()
    assert subject.service.events_after(0, "stranger", task_id) == ()


def test_a_deleted_task_is_gone(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    subject.service.delete(task_id, owner)
    with pytest.raises(TaskNotFound):
        subject.service.find(task_id, owner)
    assert subject.service.page(owner).total_count == 0


def test_health_and_counts_tell_that_work_is_done(subject: Subject) -> None:
    assert subject.service.health()["can_work"] is True
    counts = subject.service.counts()
    assert counts.total >= counts.active >= 0


def test_share_links_are_listed_and_revoked_one_by_one_or_together(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    links = subject.service.share_links
    until = datetime(2100, 1, 1, tzinfo=UTC)
    first, second, third = (links.create(task_id, owner, until) for _ in range(3))
    assert links.of_task(task_id, owner) == (first, second, third)
    assert links.is_valid(task_id, first.link_id)
    assert not links.is_valid(UNKNOWN, first.link_id)
    links.revoke(task_id, owner, first.link_id)
    assert not links.is_valid(task_id, first.link_id)
    with pytest.raises(ShareLinkNotFound):
        links.revoke(task_id, owner, first.link_id)
    assert links.is_valid(task_id, 0)
    links.revoke(task_id, owner, ShareLink.OWN)
    assert (links.is_valid(task_id, 0), links.is_valid(task_id, 1), links.is_valid(task_id, second.link_id)) == (
        False,
        True,
        True,
    )
    links.revoke(task_id, owner)
    assert links.of_task(task_id, owner) == ()
    assert not links.is_valid(task_id, third.link_id)
    assert subject.service.find(task_id, owner).share_version == 2


def test_share_links_are_for_the_films_owner(subject: Subject, owner: str) -> None:
    task_id = submit(subject, owner).task_id
    links = subject.service.share_links
    link = links.create(task_id, owner, datetime(2100, 1, 1, tzinfo=UTC))
    for call in (
        lambda: links.create(task_id, "stranger", link.expires_at),
        lambda: links.of_task(task_id, "stranger"),
        lambda: links.revoke(task_id, "stranger"),
        lambda: links.revoke(task_id, "stranger", link.link_id),
    ):
        with pytest.raises(TaskNotFound):
            call()
    assert links.is_valid(task_id, link.link_id)


def test_a_session_that_was_ended_stays_so(subject: Subject, owner: str) -> None:
    sessions = subject.service.sessions
    assert not sessions.has_ended(owner)
    for _ in range(2):
        sessions.end(owner, until=4e9)
    assert sessions.has_ended(owner)
    assert not sessions.has_ended(f"{owner}-other")
