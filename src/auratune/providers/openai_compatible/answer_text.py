"""The schema that is sent, in the strict form that such servers want, and the JSON within what they answer."""

from __future__ import annotations

from functools import cache
from typing import Any

from auratune.providers.words.answer import Answer

_KEPT = {"type", "enum", "description", "items", "properties", "required", "anyOf", "const", "$ref", "$defs"}
_MOST_CHARACTERS = 200_000


@cache
def strict_schema() -> dict[str, Any]:
    """The schema of an answer: every property required, none besides, no bounds that a grammar may not know."""
    schema = Answer.model_json_schema()
    definitions = schema.pop("$defs", {})
    strict = _strict(schema, definitions)
    assert isinstance(strict, dict)
    return strict


def json_in(text: str) -> str:
    """The JSON object within an answer: without fences, and without what stands before and after it."""
    text = _without_thoughts(text[:_MOST_CHARACTERS])
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _without_thoughts(text: str) -> str:
    kept, at = "", 0
    while (start := text.find("<think>", at)) >= 0 and (end := text.find("</think>", start)) >= 0:
        kept, at = kept + text[at:start], end + len("</think>")
    return kept + text[at:]


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rpartition("/")[2]], definitions)
    kept = {name: value for name, value in node.items() if name in _KEPT}
    if "properties" in kept:
        kept["properties"] = {name: _strict(one, definitions) for name, one in kept["properties"].items()}
        return {**kept, "required": list(kept["properties"]), "additionalProperties": False}
    return {name: _strict(value, definitions) if name in {"items", "anyOf"} else value for name, value in kept.items()}
