"""What every vision model promises, run over the table of vendors."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from tests.contexts import a_context
from tests.contract.providers import VISION_MODELS, at_work
from tests.drawings import scenery, spot, walker

from auratune.core import serialization
from auratune.core.errors import AuraTuneError
from auratune.core.options import Options
from auratune.core.photo import Photo
from auratune.core.scene import Scene
from auratune.storage.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL import Image

pytestmark = pytest.mark.xdist_group("vision models")  # what they saw is shared by the tests
PICTURES = {
    "a landscape": scenery(1, (320, 240)),
    "a portrait": spot((240, 320)),
    "a person": walker((240, 320), tall_px=150),
}


@pytest.fixture(params=sorted(VISION_MODELS))
def observer(request: pytest.FixtureRequest) -> Iterator[Any]:
    with at_work("vision_model", request.param) as worker:
        yield worker


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path)


def keep(store: LocalStore, image: Image.Image, key: str = "photos/one.jpg") -> Photo:
    with store.create(key, content_type="image/jpeg") as path:
        image.save(path, "JPEG", quality=95)
    return Photo(key=key, width_px=image.width, height_px=image.height, content_hash="ab" * 32, seed=7)


def observe(observer: Any, photo: Photo, store: LocalStore, task: str = "one") -> Scene:
    scene = observer.analyze(a_context(store, task_id=task), photo, Options())
    assert isinstance(scene, Scene)
    return scene


def test_an_observer_is_called_by_the_name_in_the_table() -> None:
    for name in VISION_MODELS:
        with at_work("vision_model", name) as worker:
            assert worker.name == name


@pytest.fixture(scope="module", params=[(name, picture) for name in sorted(VISION_MODELS) for picture in PICTURES])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Photo, Scene]:
    """Each observer's name, each picture, and what it saw in it."""
    name, picture = request.param
    store = LocalStore(tmp_path_factory.mktemp("store"))
    photo = keep(store, PICTURES[picture])
    with at_work("vision_model", name) as observer:
        return name, photo, observe(observer, photo, store)


def test_a_scene_tells_everything_that_later_stages_need(seen: tuple[str, Photo, Scene]) -> None:
    name, photo, scene = seen
    assert (scene.width_px, scene.height_px) == (photo.width_px, photo.height_px)
    assert scene.seen_by == name
    assert scene.palette
    assert abs(sum(swatch.share for swatch in scene.palette) - 1) < 0.01
    assert len(scene.detail.busyness) == len(scene.detail.brightness) == scene.detail.columns * scene.detail.rows
    assert -1 <= scene.mood.valence <= 1
    assert 0 <= scene.mood.arousal <= 1
    assert 3 < len(scene.caption) <= 250


def test_subjects_lie_inside_the_picture_and_the_heaviest_comes_first(seen: tuple[str, Photo, Scene]) -> None:
    subjects = seen[2].subjects
    for one in subjects:
        assert 0 <= one.box.left < one.box.right <= 1
        assert 0 <= one.box.top < one.box.bottom <= 1
        assert 0 <= one.weight <= 1
    assert [one.weight for one in subjects] == sorted((one.weight for one in subjects), reverse=True)
    for one, other in combinations(subjects, 2):
        assert one.box.likeness(other.box) < 0.9


def test_a_scene_survives_a_checkpoint(seen: tuple[str, Photo, Scene]) -> None:
    assert serialization.loads(serialization.dumps(seen[2])) == seen[2]


@pytest.mark.parametrize("seen", [(name, "a landscape") for name in sorted(VISION_MODELS)], indirect=True)
def test_looking_again_sees_the_same(seen: tuple[str, Photo, Scene], store: LocalStore) -> None:
    name, photo, scene = seen
    keep(store, PICTURES["a landscape"])
    with at_work("vision_model", name) as observer:
        assert observe(observer, photo, store) == scene


def test_a_photo_that_is_gone_is_an_error_with_a_code(observer: Any, store: LocalStore) -> None:
    gone = Photo(key="photos/gone.jpg", width_px=10, height_px=10, content_hash="00" * 32, seed=1)
    with pytest.raises(AuraTuneError) as caught:
        observe(observer, gone, store)
    assert caught.value.code
    assert "/" not in caught.value.message
