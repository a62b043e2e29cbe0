"""The closed grammar as a machine over words: which words may follow what was said, and whether it may end there.

Pure, any thread. Reads the JSGF text that the recogniser gets, so that both always agree; imports no recogniser.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.errors import SottoError

_TOKEN = re.compile(r"<[^<>\s]+>|\"[^\"]*\"|/[\d.eE+-]+/|\{[^{}]*\}|[()\[\]|*+;=]|[^\s()\[\]|*+;=<>{}\"/]+")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_HEADER = re.compile(r"#JSGF[^;\n]*;?|^\s*(?:grammar|import)\s[^;]*;", re.M)
DEPTH = 40
"""Rules inside rules: a grammar without recursion (JSGF for recognisers forbids it) never comes near."""


class GrammarUnreadable(SottoError):
    """The closed grammar is no JSGF."""


@dataclass(slots=True)
class _Machine:
    """A non-deterministic machine (Thompson 1968): words to states, and steps without a word."""

    by_word: list[dict[str, list[int]]] = field(default_factory=list)
    silent: list[list[int]] = field(default_factory=list)

    def state(self) -> int:
        self.by_word.append({})
        self.silent.append([])
        return len(self.silent) - 1


class _Reader:
    """Builds the machine from the tokens of the rules; a rule is built anew wherever it is named."""

    def __init__(self, rules: dict[str, list[str]]) -> None:
        self._rules = rules
        self.machine = _Machine()

    def rule(self, name: str, start: int, depth: int = 0) -> int:
        if name == "<NULL>":
            return start
        if name not in self._rules or depth > DEPTH:
            raise GrammarUnreadable(f"The commands' grammar names a rule {name} that it does not define.")
        end, rest = self._alternatives(self._rules[name], start, depth)
        if rest:
            raise GrammarUnreadable(f"The commands' grammar has a stray {rest[0]!r} in {name}.")
        return end

    def _alternatives(self, tokens: list[str], start: int, depth: int) -> tuple[int, list[str]]:
        end = self.machine.state()
        while True:
            last, tokens = self._sequence(tokens, start, depth)
            self.machine.silent[last].append(end)
            if not tokens or tokens[0] != "|":
                return end, tokens
            tokens = tokens[1:]

    def _sequence(self, tokens: list[str], start: int, depth: int) -> tuple[int, list[str]]:
        here = start
        while tokens and tokens[0] not in "|)]":
            token, tokens = tokens[0], tokens[1:]
            if token[0] in "{/":
                continue  # tags and weights change nothing that may be said
            begin = self.machine.state()
            self.machine.silent[here].append(begin)
            if token in ("(", "["):
                end, tokens = self._alternatives(tokens, begin, depth)
                if not tokens or tokens[0] != {"(": ")", "[": "]"}[token]:
                    raise GrammarUnreadable(f"The commands' grammar has a {token!r} that is not closed.")
                tokens = tokens[1:]
                if token == "[":
                    self.machine.silent[begin].append(end)
            elif token[0] == "<":
                end = self.rule(token, begin, depth + 1)
            else:
                end = begin
                for word in token.strip('"').lower().split():
                    after = self.machine.state()
                    self.machine.by_word[end].setdefault(word, []).append(after)
                    end = after
            here = self._repeated(tokens, begin, end)
            tokens = tokens[1:] if tokens and tokens[0] in "*+" else tokens
        return here, tokens

    def _repeated(self, tokens: list[str], begin: int, end: int) -> int:
        after = self.machine.state()
        self.machine.silent[end].append(after)
        if tokens and tokens[0] in "*+":
            self.machine.silent[after].append(begin)
            if tokens[0] == "*":
                self.machine.silent[begin].append(after)
        return after


def _rules(jsgf: str) -> tuple[dict[str, list[str]], list[str]]:
    """The tokens of each rule, and the names of the public ones."""
    text = _HEADER.sub(" ", _COMMENT.sub(" ", jsgf))
    rules, public = {}, []
    for statement in re.split(r";(?![^{]*\})", text):
        tokens = _TOKEN.findall(statement)
        if not tokens:
            continue
        if tokens[0] == "public":
            tokens = tokens[1:]
            public.append(tokens[0])
        if len(tokens) < 3 or tokens[1] != "=":
            raise GrammarUnreadable(f"The commands' grammar has no rule in {statement.strip()[:60]!r}.")
        rules[tokens[0]] = tokens[2:]
    return rules, public


class CommandForms:
    """What the closed grammar accepts. `follow` walks words; the rest asks about where it came to."""

    def __init__(self, jsgf: str, open_prefixes: Iterable[str] = ()) -> None:
        """Raises GrammarUnreadable with one sentence where `jsgf` is not JSGF without recursion and imports."""
        rules, public = _rules(jsgf)
        if not public:
            raise GrammarUnreadable("The commands' grammar has no public rule.")
        reader = _Reader(rules)
        self._machine = reader.machine
        self._start = self._machine.state()
        self._ends = frozenset(reader.rule(name, self._start) for name in public)
        self._open = tuple(tuple(prefix.lower().split()) for prefix in open_prefixes)
        self.follow = functools.lru_cache(maxsize=256)(self._follow)

    def _closure(self, states: Iterable[int]) -> frozenset[int]:
        found, waiting = set[int](), list(states)
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                waiting += self._machine.silent[state]
        return frozenset(found)

    def _follow(self, words: tuple[str, ...]) -> frozenset[int]:
        """Where the words lead to; nothing: no command begins with them."""
        states = self._closure((self._start,))
        for word in words:
            states = self._closure(
                after for state in states for after in self._machine.by_word[state].get(word, ())
            )
        return states

    def may_end(self, words: tuple[str, ...]) -> bool:
        """Whether the words are a whole command."""
        return bool(self.follow(words) & self._ends)

    def next_words(self, words: tuple[str, ...]) -> frozenset[str]:
        """What may be said next within a command."""
        return frozenset(word for state in self.follow(words) for word in self._machine.by_word[state])

    def awaits_open_text(self, words: tuple[str, ...]) -> bool:
        """Whether the words are the opening of "remember that …" and no more, or less."""
        return bool(words) and any(prefix[: len(words)] == words for prefix in self._open)

    def opens_with_prefix(self, words: tuple[str, ...], least: int = 1) -> bool:
        """Whether open text follows a known opening of at least so many words here."""
        return any(
            len(words) > len(prefix) >= least and words[: len(prefix)] == prefix for prefix in self._open
        )
