"""Pronunciation: dictionary, homographs, unknown words, and the form of clauses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import SottoError
from engine.text import (
    MAX_CLAUSE_UNITS,
    MAX_CLAUSE_WORDS,
    PHONES,
    SYMBOLS,
    Clause,
    Dictionary,
    Frontend,
    Unit,
    symbol_id,
)


@pytest.fixture(scope="module")
def frontend() -> Frontend:
    return Frontend.load()


def spelled(units: tuple[Unit, ...]) -> str:
    return " ".join(f"{unit.symbol}{unit.stress or ''}" for unit in units)


def word_phones(frontend: Frontend, text: str, word: str) -> str:
    """The phones of a word within a text."""
    for clause in frontend.clauses(text):
        groups: list[list[Unit]] = []
        for unit in clause.units[:-1]:
            if unit.word_start:
                groups.append([])
            groups[-1].append(unit)
        assert len(groups) == len(clause.words)
        for said, group in zip(clause.words, groups, strict=True):
            if said == word:
                return spelled(tuple(group))
    raise AssertionError(f"{word!r} is not in {text!r}")


def test_symbols_have_a_fixed_order_that_weights_depend_on() -> None:
    assert len(PHONES) == 40
    assert SYMBOLS[:3] == ("<pad>", "<ambiguous>", "aa")
    assert [symbol_id(symbol) for symbol in SYMBOLS] == list(range(49))
    with pytest.raises(KeyError):
        symbol_id("xx")


def test_a_sentence_becomes_phones_with_stress_and_word_starts_and_one_pause(frontend: Frontend) -> None:
    (clause,) = frontend.clauses("Hello world!")
    assert spelled(clause.units) == "hh ax l ow1 w er1 l d !"
    assert [unit.word_start for unit in clause.units] == [True, False, False, False, True, *[False] * 4]
    assert clause == Clause("Hello world!", ("hello", "world"), clause.units)


def test_nothing_speakable_gives_no_clause(frontend: Frontend) -> None:
    assert frontend.clauses("?! ... 😀 \n") == []
    assert frontend.clauses("") == []


@pytest.mark.parametrize(
    ("text", "pauses"),
    [
        ("One, two; three: four - five. Six? Seven! Eight", ",;:-.?!."),
        ("He came (late) and left", ",,."),
        ("Really?! Well...", "?."),
        ("Here is code: ```x = 1```", ":"),
    ],
)
def test_every_clause_ends_with_its_pause(frontend: Frontend, text: str, pauses: str) -> None:
    clauses = frontend.clauses(text)
    assert "".join(clause.units[-1].symbol for clause in clauses) == pauses
    assert all(not unit.is_pause for clause in clauses for unit in clause.units[:-1])


def test_clauses_stay_within_their_limits_and_break_before_a_linking_word(frontend: Frontend) -> None:
    text = (
        "internationalization of responsibilities and characteristically incomprehensible considerations "
        * 12
    )
    clauses = frontend.clauses(text)
    assert max(len(clause.words) for clause in clauses) <= MAX_CLAUSE_WORDS
    assert max(len(clause.units) for clause in clauses) <= MAX_CLAUSE_UNITS
    assert {clause.words[0] for clause in clauses[1:-1]} <= {"of", "and"}
    numbers = frontend.clauses("9" * 15 + " " + "7" * 300)
    assert max(len(clause.units) for clause in numbers) <= MAX_CLAUSE_UNITS
    assert sum(len(clause.words) for clause in numbers) > 300
    assert (
        max(len(clause.units) for clause in frontend.clauses("x" * 5_000 + "aeiou" * 900)) <= MAX_CLAUSE_UNITS
    )


@pytest.mark.parametrize(
    ("text", "word", "phones"),
    [
        ("I will read the book.", "read", "r iy1 d"),
        ("I have read the book.", "read", "r eh1 d"),
        ("She read it yesterday.", "read", "r eh1 d"),
        ("They lead the race.", "lead", "l iy1 d"),
        ("The lead pipe broke.", "lead", "l eh1 d"),
        ("We live here.", "live", "l ih1 v"),
        ("It was live music.", "live", "l ay1 v"),
        ("The wind is cold.", "wind", "w ih1 n d"),
        ("Please wind the clock.", "wind", "w ay1 n d"),
        ("Do not tear the page.", "tear", "t eh1 r"),
        ("A tear rolled down.", "tear", "t ih1 r"),
        ("He had a bow and arrow.", "bow", "b ow1"),
        ("Take a bow.", "bow", "b aw1"),
        ("Please close the door.", "close", "k l ow1 z"),
        ("We are very close.", "close", "k l ow1 s"),
        ("I use it.", "use", "y uw1 z"),
        ("It is of no use.", "use", "y uw1 s"),
        ("They want to record it.", "record", "r ih k ao1 r d"),
        ("An old record played.", "record", "r eh1 k er d"),
        ("I object to that.", "object", "ax b jh eh1 k t"),
        ("The object fell.", "object", "aa1 b jh eh k t"),
        ("You must present it.", "present", "p r iy z eh1 n t"),
        ("A present for you.", "present", "p r eh1 z ax n t"),
        ("She is content with it.", "content", "k ax n t eh1 n t"),
        ("The content is good.", "content", "k aa1 n t eh n t"),
        ("They will desert us.", "desert", "d ih z er1 t"),
        ("In the desert.", "desert", "d eh1 z er t"),
        ("Wait a minute.", "minute", "m ih1 n ax t"),
        ("The minute details.", "minute", "m ay n uw1 t"),
        ("I refuse it.", "refuse", "r ih f y uw1 z"),
        ("They produce milk.", "produce", "p r ax d uw1 s"),
        ("A new project.", "project", "p r aa1 jh eh k t"),
        ("We must perfect it.", "perfect", "p er f eh1 k t"),
        ("That is perfect.", "perfect", "p er1 f ih2 k t"),
        ("Their house is big.", "house", "hh aw1 s"),
        ("We can house them.", "house", "hh aw1 z"),
        ("No excuse.", "excuse", "ih k s k y uw1 s"),
        ("Please excuse me.", "excuse", "ih k s k y uw1 z"),
        ("We used to go.", "used", "y uw1 s t"),
        ("He used a knife.", "used", "y uw1 z d"),
        ("The records show it.", "records", "r eh1 k er d z"),
        ("He records it.", "records", "r ih k ao1 r d z"),
        ("The apple.", "the", "dh iy"),
        ("The hour.", "the", "dh iy"),
        ("The pear.", "the", "dh ax"),
        ("A unit.", "a", "ax"),
        ("Plan A.", "ay", "ey1"),
    ],
)
def test_context_chooses_the_pronunciation(frontend: Frontend, text: str, word: str, phones: str) -> None:
    assert word_phones(frontend, text, word) == phones


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("blorb's", "z"), ("zilk's", "s"), ("frotch's", "ih z"), ("blorfn't", "ax n t"), ("zilk'll", "ax l"),
    ],
)  # fmt: skip
def test_endings_of_unknown_words_are_said_by_rule(frontend: Frontend, word: str, phones: str) -> None:
    stem = spelled(frontend.pronounce(word.removesuffix("n't").split("'")[0]))
    assert spelled(frontend.pronounce(word)) == f"{stem} {phones}"


def test_unknown_words_are_sounded_out(frontend: Frontend) -> None:
    assert spelled(frontend.pronounce("blockchains")).startswith("b l aa1 k ch")
    assert spelled(frontend.pronounce("shemble")) == "sh eh1 m b ax l"
    assert frontend.pronounce("'") == ()


def test_letters_are_spelled_out(frontend: Frontend) -> None:
    (clause,) = frontend.clauses("the FBI")
    assert spelled(clause.units) == "dh iy eh1 f b iy1 ay1 ."


def test_every_word_of_the_dictionary_has_phones_of_the_set() -> None:
    dictionary = Dictionary.load()
    assert len(dictionary) > 130_000
    allowed = {f"{phone}{stress}" for phone in PHONES for stress in ("", "1", "2")}
    used = {phone for word in dictionary.words() for phone in (dictionary.phones(word) or "").split()}
    assert used <= allowed
    assert dictionary.phones("about") == "ax b aw1 t"


def test_a_damaged_dictionary_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cmudict.txt.gz"
    path.write_bytes(b"not gzip")
    with pytest.raises(SottoError, match="dictionary"):
        Dictionary.load(path)


def test_the_front_end_imports_neither_torch_nor_numpy_before_an_unknown_word() -> None:
    script = (
        "import sys; from engine.text import Frontend; f = Frontend.load(); f.clauses('Plain words, 3.5 kg.');"
        "print('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]
