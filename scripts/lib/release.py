"""Build what a release consists of: the archive that the Marketplace installs, and the notes.

scripts/release TAG [--folder FOLDER]

The tag, the manifest and the newest section of CHANGELOG.md must name the same version.
"""

import argparse
import json
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "custom_components" / "retrowalk"
ARCHIVE = "retrowalk.zip"
_CACHES = {"__pycache__", ".mypy_cache"}
_EPOCH = (2026, 1, 1, 0, 0, 0)


def newest_section(changelog: str) -> tuple[str, str]:
    """Return the version and the text of the newest section of the change log."""
    _, version, text, *_ = re.split(r"^## (\S+).*$", changelog, flags=re.MULTILINE)
    return version, text.strip()


def problem(tag: str, manifest: str, changelog: str) -> str | None:
    """Return why there can be no release of these versions; None if there can."""
    if tag != f"v{manifest}":
        return f"The tag is {tag}, but the manifest says {manifest}: the tag has to be v{manifest}."
    if changelog != manifest:
        return f"The newest section of CHANGELOG.md is {changelog}, but the manifest says {manifest}."
    return None


def write_archive(path: Path) -> None:
    """Write the integration's files to an archive, the same one each time it is built from the same files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(PACKAGE.rglob("*")):
            if file.is_file() and not _CACHES.intersection(file.parts):
                entry = zipfile.ZipInfo(file.relative_to(PACKAGE).as_posix(), _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())


def main() -> str | None:
    """Build the release; return what is wrong with it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("tag", help="the tag of the release: v and the version")
    parser.add_argument("--folder", type=Path, default=ROOT / "dist", help="where to write the files (dist)")
    options = parser.parse_args()
    manifest = json.loads((PACKAGE / "manifest.json").read_text(encoding="utf-8"))["version"]
    version, notes = newest_section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    if (reason := problem(options.tag, manifest, version)) is not None:
        return reason
    options.folder.mkdir(parents=True, exist_ok=True)
    write_archive(options.folder / ARCHIVE)
    (options.folder / "notes.txt").write_text(f"{notes}\n", encoding="utf-8")
    print(f"{options.folder / ARCHIVE}: {(options.folder / ARCHIVE).stat().st_size // 1024} kB")
    return None


if __name__ == "__main__":
    sys.exit(main())
