"""Bodies are read in pieces of any size, with the same result and hardly any memory."""

from __future__ import annotations

import base64
import binascii
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auratune.web.bodies.base64_stream import Base64Stream
from auratune.web.bodies.fields import PHOTO_FIELDS
from auratune.web.bodies.json_stream import JsonStream
from auratune.web.bodies.multipart_stream import MultipartStream
from auratune.web.errors import BadBody

quick = settings(max_examples=150, deadline=None)
photos = st.binary(max_size=400)
steps = st.integers(1, 50)


def pieces(data: bytes, step: int) -> list[bytes]:
    return [data[at : at + step] for at in range(0, len(data), step)]


def decode(text: bytes, step: int) -> bytes:
    stream = Base64Stream()
    return b"".join(stream.feed(piece) for piece in pieces(text, step)) + stream.finish()


@st.composite
def dressed(draw: st.DrawFn, photo: bytes) -> bytes:
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
    head = draw(st.sampled_from([b"", b"data:image/jpeg;base64,", b"  Data:image/png;x=y;Base64,", b"data:;base64,"]))
    return head + text


@quick
@given(st.data(), photos, steps)
def test_base64_in_any_dress_and_in_any_pieces_gives_the_photo(data: st.DataObject, photo: bytes, step: int) -> None:
    assert decode(data.draw(dressed(photo)), step) == photo


@quick
@given(st.text("ABCdef012+/-_= \n!*", max_size=40).map(str.encode), steps)
def test_what_is_no_base64_is_refused_as_the_standard_library_refuses_it(text: bytes, step: int) -> None:
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
    text = data.draw(dressed(photo)).decode()
    whole = {**options, "nested": {"photo": "not this", "list": ["photo", {"a": '"'}]}, "photo": text}
    names = data.draw(st.permutations(list(whole)))
    body = json.dumps({name: whole[name] for name in names}, ensure_ascii=data.draw(st.booleans()))
    if data.draw(st.booleans()):
        body = body.replace(text.strip() or "\0", text.strip().replace("/", "\\/").replace("+", "\\u002B"))
    stream = JsonStream()
    found = b"".join(part for piece in pieces(body.encode(), step) for part in stream.feed(piece))
    beside = stream.options()
    assert (found, stream.has_photo) == (photo, True)
    assert beside == {name: value for name, value in whole.items() if name != "photo"}


@quick
@given(st.text('{}[]:,"\\ photo0n/u', max_size=60).map(str.encode), steps)
def test_broken_json_is_refused_and_never_crashes(body: bytes, step: int) -> None:
    stream = JsonStream()
    try:
        for piece in pieces(body, step):
            list(stream.feed(piece))
        options = stream.options()
    except BadBody:
        return
    assert isinstance(options, dict)


@quick
@given(st.binary(max_size=300), steps)
def test_a_form_gives_the_file_in_any_pieces(photo: bytes, step: int) -> None:
    photo = photo.replace(b"--edge", b"")
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="style"\r\n\r\nnoir\r\n'
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n" + photo + b"\r\n"
        b'--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\nNight\r\n--edge--\r\n'
    )
    stream = MultipartStream("multipart/form-data; boundary=edge")
    found = b"".join(part for piece in pieces(body, step) for part in stream.feed(piece))
    assert found == photo
    assert stream.options() == {"style": "noir", "title": "Night", "filename": "a.jpg"}


@quick
@given(st.binary(max_size=200), steps)
def test_a_broken_form_is_refused_and_never_crashes(body: bytes, step: int) -> None:
    stream = MultipartStream("multipart/form-data; boundary=edge")

    def read() -> None:
        for piece in pieces(b"--edge" + body, step):
            list(stream.feed(piece))
        stream.options()

    with pytest.raises(BadBody):
        read()


def test_ten_megabytes_of_json_pass_through_less_than_one() -> None:
    text = base64.b64encode(bytes(1024) * 64)
    stream = JsonStream()
    total = 0
    tracemalloc.start()
    try:
        list(stream.feed(b'{"photo": "'))
        for _ in range(160):
            total += sum(map(len, stream.feed(text.rstrip(b"=")[: len(text) // 4 * 4 - 4])))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total > 10_000_000
    assert peak < 1_000_000
