"""A house in US units, and a net that catches metric units in what people read."""

import json
import re
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM

from custom_components.retrowalk import config_flow

FOLDER = Path(config_flow.__file__).parent / "translations"
METRIC = re.compile(r"km/h|\bkph\b|\bkg\b|\bkm\b|\d\s?m\b|[Kk]ilomet|[Kk]ilogram|\b[Mm]et(?:er|re)s?\b|\b[Mm]etern?\b")
"""What tells that a text is for another house."""


def use_miles(hass: HomeAssistant, language: str = "en") -> None:
    hass.config.units = US_CUSTOMARY_SYSTEM
    hass.config.language = language


def text_of(language: str, *path: str) -> str:
    """Return a translation; empty where there is none."""
    node: Any = json.loads((FOLDER / f"{language}.json").read_text())
    for key in path:
        if not isinstance(node, dict) or key not in node:
            return ""
        node = node[key]
    return node if isinstance(node, str) else ""


class Net:
    """Collects what is read in both languages, and says what of it is metric."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def add(self, *texts: str) -> None:
        self.read += [text for text in texts if text]

    def form(self, result: Any, *base: str) -> None:
        """Add all texts of a form or a menu, filled, and the units of its fields."""
        values = result.get("description_placeholders") or {}
        step, schema = result["step_id"], result.get("data_schema")
        for language in ("en", "de"):
            texts = [text_of(language, *base, "step", step, kind) for kind in ("title", "description")]
            for name, field in (schema.schema if schema is not None else {}).items():
                where: tuple[str, ...] = (*base, "step", step)
                inner = getattr(field, "schema", None)
                if hasattr(inner, "schema"):  # a section
                    where = (*where, "sections", str(name))
                    texts += [text_of(language, *where, kind) for kind in ("name", "description")]
                for key in inner.schema if hasattr(inner, "schema") else [name]:
                    texts += [text_of(language, *where, kind, str(key)) for kind in ("data", "data_description")]
            texts += [text_of(language, *base, "error", error) for error in (result.get("errors") or {}).values()]
            self.add(*(text.format_map(values) for text in texts if text))
        self._units(schema.schema if schema is not None else {})

    def _units(self, fields: Any) -> None:
        for field in fields.values():
            inner = getattr(field, "schema", None)
            if hasattr(inner, "schema"):
                self._units(inner.schema)
            else:
                self.add(json.dumps(getattr(field, "config", {}), default=str))

    def error(self, error: Any) -> None:
        """Add the text of an error in both languages."""
        for language in ("en", "de"):
            text = text_of(language, "exceptions", error.translation_key, "message")
            assert text, error.translation_key
            self.add(text.format_map(error.translation_placeholders or {}))

    @property
    def caught(self) -> list[str]:
        return [text for text in self.read if METRIC.search(text)]
