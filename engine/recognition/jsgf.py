"""Closed grammars in JSGF (the subset that pocketsphinx reads): parsed, and asked what they accept.

Pure values, any thread. Source: the JSpeech Grammar Format, W3C note of 2000. Imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"(public\s+)?<([\w.-]+)>\s*=\s*(.*)", re.DOTALL)
_TOKEN = re.compile(r"<[\w.-]+>|/[\d.eE+-]+/|\{[^}]*\}|[()\[\]|*+]|[\w'.-]+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Another rule."""

    rule: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`least` times (0 or 1), at most once unless `many`."""

    part: Node
    least: int
    many: bool


Node = Word | Reference | Sequence | Choice | Repeat


@dataclass(frozen=True, slots=True)
class ClosedGrammar:
    """Rules by name and the public one among them."""

    rules: dict[str, Node]
    top: str

    def words(self) -> frozenset[str]:
        """Every word of every rule."""
        return frozenset(word for node in self.rules.values() for word in _words(node))

    def accepts(self, words: Iterable[str]) -> bool:
        """Whether these words are a whole command."""
        ends = frozenset({0})
        spoken = tuple(words)
        return len(spoken) in self._ends(self.rules[self.top], ends, spoken)

    def _ends(self, node: Node, starts: frozenset[int], spoken: tuple[str, ...]) -> frozenset[int]:
        """Where `node` may end in `spoken` when it begins at one of `starts`."""
        match node:
            case Word(text):
                return frozenset(at + 1 for at in starts if at < len(spoken) and spoken[at] == text)
            case Reference(rule):
                return self._ends(self.rules[rule], starts, spoken) if starts else starts
            case Sequence(parts):
                for part in parts:
                    starts = self._ends(part, starts, spoken)
                return starts
            case Choice(options):
                return frozenset().union(*(self._ends(option, starts, spoken) for option in options))
            case Repeat(part, least, many):
                found = starts if least == 0 else frozenset()
                reached = self._ends(part, starts, spoken)
                while reached - found:
                    found |= reached
                    reached = self._ends(part, reached, spoken) if many else frozenset()
                return found


def _words(node: Node) -> Iterator[str]:
    match node:
        case Word(text):
            yield text
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from _words(part)
        case Repeat(part, _, _):
            yield from _words(part)
        case Reference(_):
            return


def parse(jsgf: str) -> ClosedGrammar:
    """Read a grammar. Raises ValueError that says what is wrong with it."""
    rules: dict[str, Node] = {}
    top = None
    for statement in _COMMENT.sub(" ", jsgf).split(";"):
        found = _RULE.fullmatch(statement.strip())
        if found is None:
            continue  # the header and the grammar's name
        public, name, expansion = found.groups()
        if name in rules:
            raise ValueError(f"the rule <{name}> stands twice in the grammar")
        tokens = _TOKEN.findall(expansion)
        node, rest = _choice(tokens, 0)
        if rest != len(tokens):
            raise ValueError(f"the rule <{name}> closes a bracket that it did not open")
        rules[name] = node
        if public and top is not None:
            raise ValueError(f"the grammar has two public rules, <{top}> and <{name}>")
        top = name if public else top
    if top is None:
        raise ValueError("the grammar has no public rule")
    _check_references(rules)
    return ClosedGrammar(rules, top)


def _check_references(rules: dict[str, Node]) -> None:
    """Every rule exists, and none needs itself: pocketsphinx would recurse without end."""

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name not in rules:
            raise ValueError(f"the rule <{above[-1]}> names <{name}>, which the grammar lacks")
        if name in above:
            raise ValueError(f"the rule <{name}> contains itself")
        if name not in seen:
            for reference in _references(rules[name]):
                visit(reference, (*above, name))
            seen.add(name)

    seen: set[str] = set()
    for name in rules:
        visit(name, ())


def _references(node: Node) -> Iterator[str]:
    match node:
        case Reference(rule):
            yield rule
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from _references(part)
        case Repeat(part, _, _):
            yield from _references(part)
        case Word(_):
            return


def _choice(tokens: list[str], at: int) -> tuple[Node, int]:
    options: list[Node] = []
    parts: list[Node] = []
    while at < len(tokens) and tokens[at] not in (")", "]"):
        token = tokens[at]
        at += 1
        if token == "|":
            options.append(Sequence(tuple(parts)))
            parts = []
        elif token in ("(", "["):
            inner, at = _choice(tokens, at)
            if at == len(tokens) or tokens[at] != {"(": ")", "[": "]"}[token]:
                raise ValueError(f"a bracket {token!r} is not closed")
            at += 1
            parts.append(Repeat(inner, 0, many=False) if token == "[" else inner)
        elif token in ("*", "+"):
            if not parts:
                raise ValueError(f"nothing stands before {token!r}")
            parts.append(Repeat(parts.pop(), 0 if token == "*" else 1, many=True))
        elif token[0] == "<":
            parts.append(Reference(token[1:-1]))
        elif token[0] not in "/{":  # weights and tags change nothing of what is accepted
            parts.append(Word(token))
    options.append(Sequence(tuple(parts)))
    return (options[0] if len(options) == 1 else Choice(tuple(options))), at
