"""The whole service as its users meet it: one process, one photo, one film."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.pipeline.service import RunningService
from typer.testing import CliRunner

from auratune.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.xdist_group("service")  # one service for most tests
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "try_service.py"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    running = RunningService(tmp_path_factory.mktemp("service"))
    running.start()
    yield running
    running.stop()


@pytest.mark.slow
def test_the_command_line_makes_the_same_film_as_the_service(
    service: RunningService, photo_file: Callable[..., Path], tmp_path: Path
) -> None:
    photo = photo_file(640, 480)
    task_id = service.upload(photo)
    service.wait_for(task_id, "done")
    by_service = hashlib.sha256(service.film(task_id)).hexdigest()
    out = tmp_path / "by-hand.mp4"
    result = CliRunner().invoke(app, ["film", str(photo), "-o", str(out), "--json", "--seconds", "5", "--size", "160"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["sha256"] == by_service
    assert hashlib.sha256(out.read_bytes()).hexdigest() == by_service


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["generating", "converting"])
def test_a_service_that_was_killed_finishes_its_task_after_the_next_start(
    photo_file: Callable[..., Path], tmp_path: Path, moment: str
) -> None:
    service = RunningService(tmp_path, {"VIDEO_SHORT_EDGE": "360"})
    service.start()
    task_id = service.upload(photo_file(640, 480))
    service.wait_for(task_id, moment)
    service.kill()
    service.start()
    try:
        assert service.wait_for(task_id, "done")["progress"] == 100
        assert service.ask("GET", "/photos")[1]["total_count"] == 1
    finally:
        service.stop()


@pytest.mark.slow
def test_films_can_be_kept_apart_from_the_database(photo_file: Callable[..., Path], tmp_path: Path) -> None:
    films = tmp_path / "films"
    database = tmp_path / "db" / "tasks.sqlite"
    database.parent.mkdir()
    service = RunningService(tmp_path, {"STORAGE_URL": films.as_uri(), "DATABASE_URL": f"sqlite:///{database}"})
    service.start()
    try:
        task_id = service.upload(photo_file(640, 480))
        service.wait_for(task_id, "done")
        (film,) = films.glob(f"tasks/{task_id}/1/*/film.mp4")
        assert database.exists()
        assert service.film(task_id) == film.read_bytes()
    finally:
        service.stop()


def test_a_second_service_on_the_same_data_refuses_to_start(service: RunningService) -> None:
    second = RunningService(service.folder)
    with pytest.raises(AssertionError, match="ended while it started"):
        second.start()
    assert service.ask("GET", "/health/ready")[0] == 200


def test_the_example_script_walks_every_route_and_everything_holds(
    service: RunningService, photo_file: Callable[..., Path]
) -> None:
    base = f"http://127.0.0.1:{service.port}"
    walk = subprocess.run(
        [sys.executable, str(EXAMPLE), str(photo_file(640, 480)), "--base", base, "--seconds", "5"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert walk.returncode == 0, walk.stdout
    assert "Everything held." in walk.stdout
