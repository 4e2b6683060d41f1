"""What the OpenAPI document says beyond the types: bodies, examples and problems."""

from __future__ import annotations

from typing import Any

from auratune.core.options import ASPECTS, FRAME_RATES, LONGEST_FILM_SECONDS, LOOKS, MUSIC_STYLES, SHORTEST_FILM_SECONDS
from auratune.settings import COMPOSER_NAMES
from auratune.web.body_readers import FILE_FIELDS, PHOTO_FIELDS
from auratune.web.schemas import Problem

DESCRIPTION = """Send one photo, get a 30-second music video.

`POST /upload-photo` answers at once with a `task_id`; ask `GET /photos/{task_id}/status` until `status` is `done`
(or listen to `GET /photos/{task_id}/events`), then play `GET /photos/{task_id}/download`.

Where keys are set, send yours as `Authorization: Bearer <key>` or `X-API-Key`. Every failure is a problem after
RFC 9457 with a stable `code`, and every answer carries `X-Request-ID`. An option whose name is not known is refused
with `unknown_option` (422), which names the nearest right one.
"""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What was wrong with the request", "model": Problem},
    "5XX": {"description": "What went wrong on our side", "model": Problem},
}

_STYLE = {
    "type": "string",
    "description": f"A look ({', '.join(LOOKS)}), a style of music ({', '.join(MUSIC_STYLES)}), or your own words, "
    "which become music tags; a notice says so",
    "examples": ["golden"],
}
_FORM: dict[str, Any] = {
    "style": _STYLE,
    "aspect": {"type": "string", "enum": list(ASPECTS)},
    "captions": {"type": "string", "enum": ["burned", "soft", "off"]},
    "fps": {"type": "integer", "enum": list(FRAME_RATES)},
    "seconds": {"type": "number", "minimum": SHORTEST_FILM_SECONDS, "maximum": LONGEST_FILM_SECONDS},
    "letterbox": {"type": "boolean", "description": "Bars to 2.39:1"},
    "callback_url": {
        "type": "string",
        "maxLength": 2048,
        "description": "A public https address that is told how the film ended, as a signed webhook",
    },
}
_WORDS: dict[str, Any] = {
    "title": {"type": "string", "maxLength": 120},
    "lyrics": {"type": "string", "maxLength": 4000, "description": "Your own words, kept as they are"},
    "instrumental": {"type": "boolean"},
    "music": {"type": "string", "enum": list(COMPOSER_NAMES)},
    "excerpt": {"type": "string", "enum": ["fast", "best"]},
    "filename": {"type": "string"},
    "request_id": {"type": "string"},
    "duplicate": {"type": "string", "enum": ["allow"], "description": "Make another film of a photo sent before"},
}

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {
                        "photo": {
                            "type": "string",
                            "contentEncoding": "base64",
                            "description": "Plain, url-safe, unpadded, line-wrapped, or a data: URL. Also accepted "
                            f"as {', '.join(PHOTO_FIELDS[1:])}",
                        },
                        **_FORM,
                        **_WORDS,
                    },
                },
                "examples": {"golden": {"value": {"photo": "/9j/4AAQSkZJRg…", "style": "golden", "aspect": "9:16"}}},
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": f"Also accepted as {', '.join(FILE_FIELDS[1:])}",
                        },
                        **_FORM,
                        **_WORDS,
                    },
                }
            },
            "image/*": {
                "schema": {"type": "string", "format": "binary", "description": "The bytes; options in the query"}
            },
        },
    },
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 255},
            "description": "Sent again with the same body within 24 hours, it gives the same task",
        }
    ],
}

REMAKE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {**_FORM, "title": _WORDS["title"]},
                    "additionalProperties": False,
                },
                "examples": {"noir": {"value": {"style": "noir", "aspect": "16:9"}}},
            }
        },
    }
}

RETRY_BODY: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"music": _WORDS["music"]},
                    "additionalProperties": False,
                },
                "examples": {"suno": {"value": {"music": "suno"}}},
            }
        },
    }
}


STATUS_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The status; with `?plain=1` one line of text",
        "content": {"text/plain": {"schema": {"type": "string", "maxLength": 40}}},
    }
}


def film_responses(media_type: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that sends a file."""
    body = {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}
    return {
        200: {"description": "The whole file", **body},
        206: {"description": "The part that `Range` asks for", **body},
        304: {"description": "The client has it already"},
        409: {"description": "Not finished; `task_status` tells how far it is", "model": Problem},
        410: {"description": "Removed by the retention rule", "model": Problem},
        416: {"description": "The range lies outside the file", "model": Problem},
    }


def with_problem_types(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the content type of problems under every error; the framework knows one type per route."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status[0] in "45" and "application/json" in response.get("content", {}):
                    response["content"] = {"application/problem+json": response["content"]["application/json"]}
    return document
