"""Make resources/text/definitions.tsv.gz, the small dictionary that ships, from an installed WordNet 3.0.

`python scripts/make_definitions.py [FOLDER]`: the words that were tagged most often in texts, as many as fit.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.dialogue.wordbook import SMALL_BOOK, WordNet
from engine.paths import resources_dir

MOST_BYTES = 299_000


def frequent_lemmas(folder: Path) -> list[str]:
    """Lemmas by how often any of their senses was tagged, then by how many senses they have."""
    counts: Counter[str] = Counter()
    for line in (folder / "cntlist.rev").read_text(encoding="ascii").splitlines():
        key, _, tagged = line.split()
        counts[key.partition("%")[0]] += int(tagged)
    for kind in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"index.{kind}").read_text(encoding="ascii").splitlines():
            if not line.startswith(" "):
                lemma, _, senses = line.split()[:3]
                counts[lemma] += 0
                counts[lemma] += int(int(senses) > 1)
    return [lemma for lemma, _ in counts.most_common() if re.fullmatch(r"[a-z]{2,}(_[a-z]+)?", lemma)]


def line_of(book: WordNet, lemma: str) -> str:
    """The dictionary's line for a lemma."""
    term = lemma.replace("_", " ")
    meaning = book.meaning(term)
    if meaning is None or meaning.lemma != term:
        return ""
    return f"{term}\t{meaning.kind}\t{meaning.gloss}\t{','.join(meaning.synonyms[:3])}\n"


def main() -> None:
    """Write as many words as fit."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/wordnet")
    book, lemmas = WordNet(folder), frequent_lemmas(folder)
    few, many = 1000, 20_000
    while many - few > 20:
        count = (few + many) // 2
        if len(packed(book, lemmas[:count])) <= MOST_BYTES:
            few = count
        else:
            many = count
    path = resources_dir() / "text" / SMALL_BOOK
    path.write_bytes(packed(book, lemmas[:few]))
    print(f"{path}: {few} words, {path.stat().st_size} bytes")


def packed(book: WordNet, lemmas: list[str]) -> bytes:
    """The lines of these lemmas, sorted, compressed, without a time stamp."""
    text = "".join(sorted(line_of(book, lemma) for lemma in lemmas))
    return gzip.compress(text.encode("utf-8"), 9, mtime=0)


if __name__ == "__main__":
    main()
