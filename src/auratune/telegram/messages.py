"""What people send to the bot: a photo or a picture as a file, and wishes in its caption."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_OPTIONS = (
    *("style", "title", "lyrics", "instrumental", "music", "excerpt"),
    *("aspect", "captions", "seconds", "fps", "letterbox"),
)
HELP = (
    "Send me a photo, and I make a music video of it.\n\n"
    "One line under the photo is its style, such as “noir” or “lo-fi”. Several lines are the lyrics. Or name what you "
    f"want, a line each, lyrics last: {', '.join(_OPTIONS)}. For example:\n\n"
    "style: golden\naspect: 9:16\nlyrics:\nThe morning leans on the window\nand everything is gold"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A photo on its way to a film that goes back to the chat it came from."""

    update_id: int
    chat_id: int
    message_id: int
    file_id: str
    filename: str
    options: dict[str, str] = field(default_factory=dict)
    reply_id: int = 0
    """The message that shows how far the film is; 0 before it was sent."""
    task_id: str = ""
    """Empty before the service has the photo."""


def job_of(update: dict[str, Any]) -> Job | None:
    """The job in an update; None where there is no picture."""
    message = update.get("message") or {}
    photos, document = message.get("photo") or [], message.get("document") or {}
    if photos:
        file, name = max(photos, key=lambda size: size["width"] * size["height"]), "photo.jpg"
    elif str(document.get("mime_type", "")).startswith("image/"):
        file, name = document, str(document.get("file_name") or "picture")
    else:
        return None
    return Job(
        update_id=update["update_id"],
        chat_id=message["chat"]["id"],
        message_id=message["message_id"],
        file_id=file["file_id"],
        filename=name,
        options=options_of(str(message.get("caption") or "")),
    )


def options_of(caption: str) -> dict[str, str]:
    """Options in a caption. Values are checked by the service, whose sentence the person then reads.

    Lines `name: value` are options, and all that follows `lyrics:` are the lyrics. Of other lines a single one is the
    style, several are the lyrics.
    """
    options: dict[str, str] = {}
    free: list[str] = []
    lines = caption.strip().splitlines()
    for number, line in enumerate(lines):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or name.lower() not in _OPTIONS:
            free.append(line)
        elif name.lower() == "lyrics":
            options["lyrics"] = "\n".join([value, *lines[number + 1 :]]).strip()
            break
        else:
            options[name.lower()] = value
    text = "\n".join(free).strip()
    if text:
        options.setdefault("lyrics" if "\n" in text else "style", text)
    return options
