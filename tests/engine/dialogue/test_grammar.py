"""The spoken grammar: its words can be recognised, and what it accepts is answered by the skill it belongs to."""

from __future__ import annotations

import random
import re

import pytest
from pocketsphinx import Decoder

from benchmarks.skills import HISTORY, NOW, ZONE, prepared_store
from engine.dialogue import Asked
from engine.dialogue.built_in import BuiltInDialogue
from engine.dialogue.grammar import spoken_grammar

RULES = dict(re.findall(r"^(?:public )?<(\w+)> = (.*);$", spoken_grammar().jsgf, re.MULTILINE))


def spoken(text: str, chance: random.Random) -> list[str]:
    """One sentence of a JSGF right side."""
    tokens = re.findall(r"[\[\]()|]|<\w+>|[^\s\[\]()|<>]+", text)
    words, rest = alternatives(tokens, chance)
    assert rest == []
    return words


def alternatives(tokens: list[str], chance: random.Random) -> tuple[list[str], list[str]]:
    options: list[list[str]] = [[]]
    while tokens and tokens[0] not in ")]":
        token, tokens = tokens[0], tokens[1:]
        if token == "|":
            options.append([])
        elif token in "([":
            inner, tokens = alternatives(tokens, chance)
            tokens = tokens[1:]
            if token == "(" or chance.random() < 0.5:
                options[-1] += inner
        elif token.startswith("<"):
            options[-1] += spoken(RULES[token[1:-1]], chance)
        else:
            options[-1].append(token)
    return chance.choice(options), tokens


@pytest.mark.parametrize("rule", [name for name in RULES if name.startswith("do_")])
def test_what_the_grammar_accepts_its_skill_answers(rule: str) -> None:
    chance, store = random.Random(rule), prepared_store()
    dialogue = BuiltInDialogue(store.keepsakes, zone=ZONE, seed=1, clock=lambda: 0.0)
    sentences = {" ".join(spoken(RULES[rule], chance)) for _ in range(120)}
    answers = {text: dialogue.plan(Asked(text, True, NOW, 0.9, True), HISTORY) for text in sorted(sentences)}
    strays = {text: (plan.source, plan.text) for text, plan in answers.items() if plan.source != rule[3:]}
    store.close()
    assert strays == {}


def test_every_word_is_in_the_recognisers_dictionary_and_the_grammar_loads() -> None:
    grammar = spoken_grammar()
    decoder = Decoder(loglevel="FATAL", lm=None)
    words = {word for text in RULES.values() for word in re.sub(r"<\w+>", " ", text).split()}
    words = {word for part in words for word in re.findall(r"[a-z']+", part)}
    words |= {word for prefix in grammar.open_prefixes for word in prefix.split()}
    assert [word for word in sorted(words) if decoder.lookup_word(word) is None] == []
    decoder.add_jsgf_string("sotto", grammar.jsgf)


def test_only_one_rule_is_public() -> None:
    assert len(re.findall(r"^public ", spoken_grammar().jsgf, re.MULTILINE)) == 1
    assert set(re.findall(r"<(\w+)>", spoken_grammar().jsgf)) == set(RULES)
