"""What words mean and how they are spelled. Runs on the dialogue thread; reading is `engine.dialogue.wordbook`'s."""

from __future__ import annotations

import re

from engine.dialogue.phrasing import Phrases, slot
from engine.dialogue.plan import Plan, Situation
from engine.dialogue.utterance import Utterance
from engine.dialogue.wordbook import Meaning, Wordbook, open_wordbook

_WORD = {"term": r"[a-z][a-z0-9]*(?: [a-z][a-z0-9]*){0,3}", "one": r"[a-z]+"}
_DEFINE = Phrases(
    """
    define [the word | the term | a | an] <term>
    [what is | give me] [the | a] (definition | meaning) (of | for) [the word | the term | a | an] <term>
    (definition of | meaning of) [the word | a | an] <term>
    what does [the word | the term | a | an] <term> mean
    what <term> means
    what is meant by [the word | a | an] <term>
    explain [the word | the term | what] <term> [means | is]
    (look up | explain) [the] [word | meaning of] <term>
    what do you mean by <term>
    what is the word <term>
""",
    _WORD,
)
_WHAT_IS = Phrases(
    """
    what (is | are) (a | an) <term>
    what a <term> is
    what (is | are) <term>
    who (is | was) <term>
    do you know what [a | an] <term> (is | means)
""",
    _WORD,
)
_SPELL = Phrases(
    """
    [how do you | how do i | how to | can you | how is] (spell | spelled) [the word] <one>
    how is [the word] <one> (spelled | spelt | written)
    (spelling of | what is the spelling of) [the word] <one>
    how do you write [the word] <one>
""",
    _WORD,
)
_SYNONYM = Phrases(
    """
    [give me | tell me | what is | find] (a synonym | synonyms | another word | other words | a different \
        word) (for | of) <term>
    (synonym | synonyms) (for | of) <term>
    what is another word for <term>
    what are synonyms (for | of) <term>
    how else can [i | you] say <term>
""",
    _WORD,
)
_IS_WORD = Phrases(
    """
    is <one> (a word | a real word | an english word | in the dictionary)
    is there [such] a word [as | like] <one>
""",
    _WORD,
)
_OPPOSITE = Phrases(
    """
    [give me | tell me | what is | find] (the opposite | an antonym | antonyms | the antonym) (of | for | to) <term>
    (opposite | antonym | antonyms) (of | for) <term>
    what is the contrary of <term>
""",
    _WORD,
)
_NOT_TERMS = frozenset(
    "it this that there he she they here wrong going happening new up that now love god a the you"
    " me my your his her on off one in for"
    " time day date weather news next best worst better left first last".split()
)


class WordsSkill:
    """A small dictionary, or a large one where WordNet is installed."""

    name = "words"
    examples = ("What does serendipity mean?", "Define gravity.", "How do you spell rhythm?")
    spoken: tuple[str, ...] = ()
    prefixes = ("define", "what does", "how do you spell", "spell", "what is a", "what's the meaning of")

    def __init__(self) -> None:
        self._book: Wordbook | None = None

    def plan(self, heard: Utterance, situation: Situation) -> Plan | None:
        """A meaning, a spelling or a synonym."""
        words = heard.words
        if found := _SPELL.match(words):
            word = found["one"].strip()
            return Plan(f"{word.capitalize()}: {', '.join(word.upper())}.") if len(word) <= 45 else None
        if found := _SYNONYM.match(words):
            return self._synonyms(found["term"].strip())
        if found := _IS_WORD.match(words):
            word, book = found["one"].strip(), self._opened()
            if book.meaning(word):
                return Plan(f"Yes, {word} is a word.")
            return Plan(f"I don't know the word {word}.", certain=False)
        if found := _OPPOSITE.match(words):
            return self._opposites(found["term"].strip())
        if found := _DEFINE.match(words):
            return self._defined(found["term"].strip(), asked_plainly=True)
        if found := _WHAT_IS.match(words):
            term = slot(found, "term").strip()
            if term.split()[0] in _NOT_TERMS or term.split()[-1] in _NOT_TERMS:
                return None
            return self._defined(term, asked_plainly=re.match(r"what (is|are) an? ", words) is not None)
        return None

    def _defined(self, term: str, asked_plainly: bool) -> Plan | None:
        book = self._opened()
        meaning = book.meaning(term)
        if meaning is None:
            if not asked_plainly:
                return None
            why = (
                ""
                if book.is_large
                else " I know only the most common words; with WordNet installed I would know more."
            )
            return Plan(f"I don't know the word {term}.{why}", certain=False)
        return Plan(_told(term, meaning), certain=asked_plainly)

    def _synonyms(self, term: str) -> Plan:
        meaning = self._opened().meaning(term)
        if meaning is None or not meaning.synonyms:
            return Plan(f"I know no other word for {term}.", certain=False)
        return Plan(f"Other words for {term}: {', '.join(meaning.synonyms[:4])}.")

    def _opposites(self, term: str) -> Plan:
        meaning = self._opened().meaning(term)
        if meaning is None or not meaning.opposites:
            return Plan(f"I know no opposite of {term}.", certain=False)
        return Plan(f"The opposite of {term} is {meaning.opposites[0]}.")

    def _opened(self) -> Wordbook:
        if self._book is None:
            self._book = open_wordbook()
        return self._book


def _told(term: str, meaning: Meaning) -> str:
    kind = {"n": "noun", "v": "verb", "a": "adjective", "r": "adverb"}[meaning.kind]
    article = "an" if kind[0] == "a" else "a"
    of = (
        f"{term.capitalize()}, {article} {kind}"
        if meaning.lemma == term
        else f"{term.capitalize()}, from {meaning.lemma}"
    )
    return f"{of}: {meaning.gloss}."
