"""ElevenLabs' music API as a server: a song of the length of its plan, with the time of each word."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from typing import Any

from tests.simulators.faults import AFTER_ACCEPTANCE, Faults, allowed, strike
from tests.simulators.server import Answer, Asked, Simulator, told
from tests.simulators.sound import song_mp3

_BOUNDARY = "simulated-boundary-7f3a"


class ElevenLabsSimulator(Simulator):
    """Counts what is paid and checks the plan.

    Faults of route `music`, see `faults.py`, and: `bad_prompt`, `bad_plan`, `bad_plan_bare` (no suggestion),
    `bad_plan_text` (the suggestion is a text of JSON), `no_words` (no timestamps), `other_words`. Suggestions come with
    422, or with 400 where `declines_with` says so. `free_plan`, `no_music_permission` and `no_user_permission` are what
    a key may lack; `formats` are the sound qualities of the plan; more than `most_at_once` requests get 429.
    """

    def __init__(self, *, key: str = "", answer_seconds: float = 15.0, speed: float = 1.0, port: int = 0) -> None:
        super().__init__(port=port)
        self.faults = Faults()
        self.paid: list[dict[str, Any]] = []
        self.declines_with = 422
        self.lacks = ""
        self.formats = ("mp3_44100_192", "mp3_44100_128")
        self.most_at_once = 2
        self._under_way = 0
        self._keys = (key,) if key else ()
        self._answer_seconds = answer_seconds / speed

    @property
    def base_url(self) -> str:
        return self.url

    async def handle(self, asked: Asked) -> Answer:
        if not allowed(asked, "xi-api-key", self._keys):
            return told({"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}, 401)
        if (asked.method, asked.path) == ("GET", "/v1/user/subscription"):
            return self._account()
        if (asked.method, asked.path) != ("POST", "/v1/music/detailed"):
            return told({"detail": "Not Found"}, 404)
        if self.lacks == "no_music_permission":
            return _missing("music_generation")
        if self.lacks == "free_plan":
            message = "Music API is not available for free users"
            return told({"detail": {"status": "limited_access", "message": message}}, 402)
        if asked.query.get("output_format") not in self.formats:
            return told({"detail": {"status": "output_format_not_allowed", "message": "Upgrade."}}, 403)
        if self._under_way >= self.most_at_once:
            return told({"detail": {"status": "too_many_concurrent_requests", "message": "Wait."}}, 429)
        self._under_way += 1
        try:
            return await self._music(asked)
        finally:
            self._under_way -= 1

    def _account(self) -> Answer:
        if self.lacks == "no_user_permission":
            return _missing("user_read")
        tier = "free" if self.lacks == "free_plan" else "creator"
        return told({"tier": tier, "character_count": 1200, "character_limit": 100000, "status": "active"})

    async def _music(self, asked: Asked) -> Answer:
        fault = self.faults.next("music")
        if fault and fault not in AFTER_ACCEPTANCE and (answer := await strike(fault)):
            return answer
        body = asked.json()
        wrong = _refusal(fault, body) or _fault_of_plan(body)
        if wrong:
            return told({"detail": wrong}, 422 if wrong["status"] == "validation_error" else self.declines_with)
        self.paid.append(body)
        await asyncio.sleep(self._answer_seconds)
        good = _song(body, fault)
        return await strike(fault, good) or good


def _missing(permission: str) -> Answer:
    message = f"The API key you used is missing the permission {permission} to execute this operation."
    return told({"detail": {"status": "missing_permissions", "message": message}}, 401)


def _refusal(fault: str, body: dict[str, Any]) -> dict[str, Any] | None:
    if fault == "bad_prompt":
        return {"status": "bad_prompt", "message": "No.", "data": {"prompt_suggestion": "A gentle folk song at dusk"}}
    if fault in {"bad_plan", "bad_plan_bare", "bad_plan_text"}:
        plan = json.loads(json.dumps(body.get("composition_plan") or {}))
        for part in plan.get("chunks", []):
            part["positive_styles"] = ["gentle folk"]
        told_plan = {"bad_plan": plan, "bad_plan_text": json.dumps(plan)}.get(fault)
        data = {"composition_plan_suggestion": told_plan} if told_plan else {}
        return {"status": "bad_composition_plan", "message": "No.", "data": data}
    return None


def _fault_of_plan(body: dict[str, Any]) -> dict[str, Any] | None:
    def no(message: str) -> dict[str, Any]:
        return {"status": "validation_error", "message": message}

    plan = body.get("composition_plan")
    if bool(plan) == bool(body.get("prompt")):
        return no("either a prompt or a composition plan")
    if not plan:
        return no("seed does not go with a prompt") if body.get("seed") is not None else None
    if "music_length_ms" in body or "force_instrumental" in body:
        return no("music_length_ms and force_instrumental go with a prompt only")
    parts = plan.get("chunks") or plan.get("sections") or []
    if not parts or ("chunks" in plan) != (body.get("model_id") in {"music_v2", "music_v2_5"}):
        return no("the plan does not suit the model")
    faults = (_fault_of_part(part) for part in parts)
    return next((no(fault) for fault in faults if fault), None)


def _fault_of_part(part: dict[str, Any]) -> str:
    lines = part["text"].splitlines() if "text" in part else part["lines"]
    if _has_marks(lines[1:] if "text" in part else lines):
        return "directions stand among the words"
    fits = 3000 <= part["duration_ms"] <= 120_000 and len(lines) <= 30 and all(len(line) <= 200 for line in lines)
    return "" if fits else "a part is too short, too long or holds too many words"


def _has_marks(lines: list[str]) -> bool:
    return any(line.startswith("[") or not {"{", "}"}.isdisjoint(line) for line in lines)


def _song(body: dict[str, Any], fault: str) -> Answer:
    plan = body.get("composition_plan") or {}
    parts = plan.get("chunks") or plan.get("sections") or []
    total_ms = sum(part["duration_ms"] for part in parts) or body.get("music_length_ms") or 30_000
    words: list[dict[str, Any]] = []
    starts_ms = 0
    for part in parts:
        lines = part["text"].splitlines() if "text" in part else part["lines"]
        sung = re.sub(r"\[[^]]*\]|\{[^}]*\}", " ", " ".join(lines)).split()
        sung = ["something", "else", "entirely"] if fault == "other_words" else sung
        step = part["duration_ms"] / max(1, len(sung))
        for index, word in enumerate(sung):
            begin = round(starts_ms + index * step)
            words.append({"word": word, "start_ms": begin, "end_ms": round(begin + step * 0.8)})
        starts_ms += part["duration_ms"]
    about: dict[str, Any] = {
        "composition_plan": plan,
        "song_metadata": {"title": "Simulated", "genres": [], "languages": []},
    }
    if fault != "no_words":
        about["words_timestamps"] = words
    audio = b"<html>not a song</html>" if fault == "html_audio" else song_mp3(total_ms / 1000)
    body_bytes = b"".join(
        (
            f"--{_BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{json.dumps(about)}\r\n".encode(),
            f"--{_BOUNDARY}\r\nContent-Type: audio/mpeg\r\n".encode(),
            b'Content-Disposition: attachment; filename="song.mp3"\r\n\r\n',
            audio,
            f"\r\n--{_BOUNDARY}--\r\n".encode(),
        )
    )
    return Answer(
        200,
        body_bytes,
        kind=f"multipart/mixed; boundary={_BOUNDARY}",
        headers={"song-id": uuid.uuid4().hex},
    )
