"""A multipart answer taken apart: the parts between a boundary, as bytes (RFC 2046)."""

from __future__ import annotations

from email.message import Message


def parts(body: bytes, content_type: str) -> list[tuple[str, bytes]]:
    """Each whole part as (content type, bytes); a last part without its closing boundary is left out."""
    about = Message()
    about["Content-Type"] = content_type
    boundary = about.get_boundary()
    if not boundary:
        return []
    found: list[tuple[str, bytes]] = []
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, separator, content = piece.partition(b"\r\n\r\n")
        if separator:
            found.append((_kind(head), content))
    return found


def _kind(head: bytes) -> str:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-type":
            return value.decode("latin-1").partition(";")[0].strip().lower()
    return ""
