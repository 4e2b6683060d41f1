"""The styles of the composer, by the names that people may ask for: one TOML file each, read once.

`base.py` says what the fields mean. A file that does not fit it raises `pydantic.ValidationError` on import.
"""

from __future__ import annotations

import tomllib
from importlib import resources

from pydantic import TypeAdapter

from auratune.core.options import MUSIC_STYLES
from auratune.music.styles.base import Style

STYLES: dict[str, Style] = {
    name: TypeAdapter(Style).validate_python(
        tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    )
    for name in MUSIC_STYLES
}
