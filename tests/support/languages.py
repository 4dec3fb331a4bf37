"""The languages that there are texts in."""

from pathlib import Path

import custom_components.retrowalk as package

FOLDER = Path(package.__file__).parent / "translations"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.json"))
