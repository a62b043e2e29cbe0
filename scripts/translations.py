"""Gathers the desktop app's texts into `resources/translations/*.ts` and compiles these: `make translations`.

`python scripts/translations.py [LANGUAGE]` begins the catalogue of another language besides. What was translated stays;
what is no longer in the source goes. Qt's own tools do both, and Qt Linguist edits the files in between.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"
SOURCE_LANGUAGE = "en"
TOOLS = Path(sys.executable).parent


def gather(language: str, folder: Path = FOLDER) -> Path:
    """Bring a language's catalogue up to date with the source. English holds what counts, and nothing else."""
    catalogue = folder / f"sotto_{language}.ts"
    command = [TOOLS / "pyside6-lupdate", *sorted((ROOT / "app" / "desktop").rglob("*.py"))]
    command += ["-silent", "-no-obsolete", "-locations", "none", "-tr-function-alias", "tr+=tr_later"]
    command += ["-source-language", SOURCE_LANGUAGE, "-target-language", language, "-ts", catalogue]
    command += ["-pluralonly"] if language == SOURCE_LANGUAGE else []
    subprocess.run(command, check=True)
    return catalogue


def compile_catalogue(catalogue: Path, to: Path) -> None:
    """What Qt loads; texts that are not translated yet are left out and stay English."""
    command = [TOOLS / "pyside6-lrelease", "-silent", catalogue, "-qm", to]
    subprocess.run(command, check=True)


def main(more: list[str]) -> None:
    """Every catalogue that there is, and those that are begun."""
    languages = {path.stem.removeprefix("sotto_") for path in FOLDER.glob("*.ts")} | {SOURCE_LANGUAGE, *more}
    for language in sorted(languages):
        catalogue = gather(language)
        compile_catalogue(catalogue, catalogue.with_suffix(".qm"))


if __name__ == "__main__":
    main(sys.argv[1:])
