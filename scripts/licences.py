"""Gathers the licences of everything that a bundle holds: `python scripts/licences.py FOLDER`; build.spec does it too.

A folder for each distribution that Sotto needs, with its own texts, and an index of all names. Where a distribution
ships no text, the index names its licence, and the text lies beside it (LGPL, GPL) or is Sotto's own (Apache).
"""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lock import BELONGS_TO_TORCH, requirements_of

ROOT = Path(__file__).resolve().parents[1]
OURS = (
    "LICENSE",
    "resources/icons/LICENSE",
    "resources/text/LICENSE.cmudict",
    "resources/text/LICENSE.wordnet",
)
TEXTS = Path(__file__).resolve().parent / "licences"
"""Of licences whose distributions ship no copy of them: Qt for Python."""

_NAMES = re.compile(r"^(licen[sc]e|copying|notice|authors|thirdpartynotices)", re.IGNORECASE)


def needed(root: str) -> dict[str, Distribution]:
    """Name -> every installed distribution that `root` reaches without an extra, itself left out."""
    found: dict[str, Distribution] = {}
    visited: set[tuple[str, tuple[str, ...]]] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(root, ())]
    while waiting:
        current, extras = waiting.pop()
        if (current, extras) in visited:
            continue
        visited.add((current, extras))
        try:
            found[current] = distribution(current)
        except PackageNotFoundError:  # of another platform
            continue
        waiting += requirements_of(found[current].requires or [], extras)
    found.pop(root)
    return found


def licence_of(found: Distribution) -> str:
    """Its licence in a few words, as its metadata has it."""
    metadata = found.metadata
    words = metadata.get("License-Expression") or (metadata.get("License") or "").strip().split("\n")[0]
    classified = [
        line.split("::")[-1].strip() for line in metadata.get_all("Classifier") or [] if "License ::" in line
    ]
    return words or ", ".join(classified) or "see its folder"


def texts_of(found: Distribution) -> list[Path]:
    """The files in which a distribution states its licence and those of its parts."""
    paths = [Path(str(found.locate_file(file))) for file in found.files or () if _NAMES.match(file.name)]
    return sorted(path for path in paths if path.is_file() and path.suffix not in (".py", ".pyc"))


def gather(folder: Path) -> list[str]:
    """Write all of it anew; gives the lines of the index."""
    shutil.rmtree(folder, ignore_errors=True)
    lines = []
    for name, found in sorted(needed("sotto").items()):
        texts = texts_of(found)
        for number, text in enumerate(texts):
            place = folder / name / (text.name if number == 0 else f"{number}-{text.parent.name}-{text.name}")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(text, place)
        where = "" if texts or BELONGS_TO_TORCH.match(name) else " (no text of its own)"
        lines.append(f"{name} {found.version}: {licence_of(found)}{where}")
    for name in OURS:
        place = folder / "sotto" / name.replace("/", "-")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    for text in (*sorted(TEXTS.iterdir()), python):
        if text.is_file():  # some systems keep Python's elsewhere
            shutil.copyfile(text, folder / ("PYTHON.txt" if text == python else text.name))
    (folder / "INDEX.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lines


if __name__ == "__main__":
    print(*gather(Path(sys.argv[1])), sep="\n")
