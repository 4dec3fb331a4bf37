"""The words of one language that tell of programs, without a running Home Assistant."""

import json
from pathlib import Path

from custom_components.retrowalk import errors
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.programs.words import Words

FOLDER = Path(errors.__file__).parent / "translations"


def words(language: str = "en") -> Words:
    loaded = json.loads((FOLDER / f"{language}.json").read_text())
    common = {f"component.{DOMAIN}.common.{key}": text for key, text in loaded["common"].items()}
    return Words(common)
