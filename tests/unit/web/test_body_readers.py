"""Bodies are read in pieces of any size, with the same result."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auratune.web import base64_reader
from auratune.web.base64_reader import read_base64
from auratune.web.body_readers import PHOTO_FIELDS, read_form, read_json
from auratune.web.request_errors import BadBody

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from auratune.web.body_readers import Body

quick = settings(max_examples=150, deadline=None, derandomize=True)
photos = st.binary(max_size=400)
steps = st.integers(7, 50)
FORM = "multipart/form-data; boundary=edge"


def pieces(data: bytes, step: int) -> list[bytes]:
    return [data[at : at + step] for at in range(0, len(data), step)]


def decode(text: bytes, step: int) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base64_reader, "_PIECE_BYTES", step)
        return b"".join(read_base64(memoryview(text)))


def read(reader: Callable[..., Awaitable[Body]], body: bytes, step: int, content_type: str = "") -> Body:
    async def chunks() -> AsyncGenerator[bytes, None]:
        for piece in pieces(body, step):
            yield piece

    return asyncio.run(reader(content_type, chunks()))


@st.composite
def encoded(draw: st.DrawFn, photo: bytes, *, head: bool = True) -> bytes:
    """Base64 of a photo in one of the many ways to write it."""
    text = base64.b64encode(photo)
    if draw(st.booleans()):
        text = text.translate(bytes.maketrans(b"+/", b"-_"))
    if draw(st.booleans()):
        text = text.rstrip(b"=")
    width = draw(st.sampled_from([0, 1, 4, 60, 76]))
    if width:
        end = draw(st.sampled_from([b"\n", b"\r\n", b" ", b"\t"]))
        text = end.join(pieces(text, width)) + end
    starts = [b"", b"data:image/jpeg;base64,", b"  Data:image/png;x=y;Base64,", b"data:;base64,"]
    return (draw(st.sampled_from(starts)) if head else b"") + text


@quick
@given(st.data(), photos, steps)
def test_base64_in_any_form_and_in_any_pieces_gives_the_photo(data: st.DataObject, photo: bytes, step: int) -> None:
    text = data.draw(encoded(photo, head=False))
    if data.draw(st.booleans()):
        text = text.replace(b"/", b"\\/").replace(b"+", b"\\u002b").replace(b"\n", b"\\n")
    assert decode(text, step) == photo
    assert decode(data.draw(encoded(photo)), 300) == photo


@quick
@example(b"AAb=bAb", 50)
@given(st.text("ABCdef012+/-_= \n!*", max_size=40).map(str.encode), steps)
def test_what_is_not_base64_is_refused_as_the_standard_library_refuses_it(text: bytes, step: int) -> None:
    plain = text.translate(bytes.maketrans(b"-_", b"+/"), b" \n")
    bare = plain.rstrip(b"=")
    padding = len(plain) - len(bare)
    try:
        expected = base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
        right = len(bare) % 4 != 1 and padding in {0, -len(bare) % 4}
    except binascii.Error:
        right = False
    if right:
        assert decode(text, step) == expected
    else:
        with pytest.raises(BadBody):
            decode(text, step)


@quick
@given(st.data(), photos, steps, st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(), max_size=4))
def test_json_gives_the_photo_and_everything_beside_it(
    data: st.DataObject, photo: bytes, step: int, options: dict[str, object]
) -> None:
    options = {name: value for name, value in options.items() if name not in PHOTO_FIELDS}
    text = data.draw(encoded(photo)).decode()
    whole = {**options, "nested": {"photo": "not this", "list": ["photo", {"a": '"'}]}, "photo": text}
    names = data.draw(st.permutations(list(whole)))
    body = json.dumps({name: whole[name] for name in names}, ensure_ascii=data.draw(st.booleans()))
    if data.draw(st.booleans()):
        body = body.replace(text.strip() or "\0", text.strip().replace("/", "\\/").replace("+", "\\u002B"))
    found = read(read_json, body.encode(), step)
    assert found.photo is not None
    assert b"".join(found.photo) == photo
    assert found.options == {name: value for name, value in whole.items() if name != "photo"}


@quick
@given(st.text('{}[]:,"\\ photo0n/u', max_size=60).map(str.encode), steps)
def test_broken_json_is_refused_and_never_crashes(body: bytes, step: int) -> None:
    try:
        found = read(read_json, body, step)
        list(found.photo or ())
    except BadBody:
        return
    assert isinstance(found.options, dict)


@quick
@given(st.binary(max_size=300), st.integers(1, 50), st.sampled_from([b'; filename="a.jpg"', b""]))
def test_a_form_gives_the_file_in_any_pieces_with_and_without_a_file_name(photo: bytes, step: int, name: bytes) -> None:
    photo = photo.replace(b"--edge", b"")
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="style"\r\n\r\nnoir\r\n'
        b'--edge\r\nContent-Disposition: form-data; name="photo"' + name + b"\r\n"
        b"Content-Type: image/jpeg\r\n\r\n" + photo + b"\r\n"
        b'--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\nNight\r\n--edge--\r\n'
    )
    found = read(read_form, body, step, FORM)
    assert found.photo is not None
    assert b"".join(found.photo) == photo
    for file in found.files:
        file.close()
    assert found.options == {"style": "noir", "title": "Night", **({"filename": "a.jpg"} if name else {})}


@quick
@given(st.binary(max_size=200), st.integers(1, 50))
def test_a_broken_form_is_refused_and_never_crashes(body: bytes, step: int) -> None:
    with pytest.raises(BadBody):
        read(read_form, b"--edge" + body, step, FORM)
