"""The window's words in the user's language: catalogues of `resources/translations`, chosen when Qt is set up.

English stands in the source; its catalogue holds plural forms alone. `make translations` gathers the texts and compiles
the catalogues (decision 26). Window's thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDate, QLibraryInfo, QLocale, QTranslator

from app.desktop.phrase import Phrase, Words
from engine.paths import resources_dir

SOURCE_LANGUAGE = "en"


def catalogues() -> dict[str, str]:
    """The languages that there are, and their compiled catalogues."""
    found = sorted((resources_dir() / "translations").glob("sotto_*.qm"))
    return {path.stem.removeprefix("sotto_"): str(path) for path in found}


def follow(app: QCoreApplication, wanted: Sequence[str]) -> str:
    """Speak the first of these languages ("de-AT", "en") that there is, else English; gives the one that was taken.

    The numbers and dates of the window follow its language; Qt's own dialogs do too.
    """
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    known = catalogues()
    bare = (name.replace("_", "-").split("-")[0].lower() for name in wanted)
    language = next((name for name in bare if name in known), SOURCE_LANGUAGE)
    region = next((name for name in wanted if name.lower().startswith(language)), language)
    numbers = QLocale(region)
    numbers.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    QLocale.setDefault(numbers)
    places = [f"{QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)}/qtbase_{language}.qm"]
    places += [known[name] for name in (SOURCE_LANGUAGE, language) if name in known]
    for place in dict.fromkeys(places):  # the one that is installed last is asked first
        translator = QTranslator(app)
        if translator.load(place):
            app.installTranslator(translator)
    return language


def tr(source: str, comment: str = "", n: int = -1, /, **values: object) -> str:
    """A text in the user's language, with `values` for the names in its braces.

    A text that counts holds %n and ends its noun with (s): `tr("%n turn(s)", "", count)`.
    """
    if not source:
        return ""
    words = QCoreApplication.translate("", source, comment or None, n)
    return words.format(**values) if values else words


def said(words: Words) -> str:
    """A sentence of the window's own in the user's language; one of the engine's as it is."""
    return tr(words.source, **dict(words.values)) if isinstance(words, Phrase) else words


def figure(value: float, places: int = 0) -> str:
    """A number with so many decimals, as one writes it here."""
    return QLocale().toString(float(value), "f", places)


def day(at: QDate, form: str) -> str:
    """A date in Qt's form ("dddd": the name of its day)."""
    return QLocale().toString(at, form)
