"""Formulas as models write them, in LaTeX, to words that the voice's normaliser reads on.

Pure, any thread. What is not known is read by its name without the backslash; nothing raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GREEK = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi
psi omega""".split()
_FUNCTIONS = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "arcsin": "arc sine", "arccos": "arc cosine",
    "arctan": "arc tangent", "sinh": "hyperbolic sine", "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent",
    "log": "log", "ln": "natural log", "exp": "e to the", "min": "the minimum of", "max": "the maximum of",
    "det": "the determinant of", "gcd": "the greatest common divisor of", "dim": "the dimension of",
    "ker": "the kernel of", "sec": "secant", "csc": "cosecant", "cot": "cotangent", "Pr": "the probability of",
    "arg": "the argument of", "deg": "the degree of", "sup": "the supremum of", "inf": "the infimum of",
}  # fmt: skip
_WORDS = {
    "times": "times", "cdot": "times", "ast": "times", "div": "divided by", "pm": "plus or minus",
    "mp": "minus or plus", "leq": "is at most", "le": "is at most", "leqslant": "is at most",
    "geq": "is at least", "ge": "is at least", "geqslant": "is at least", "lt": "is less than",
    "gt": "is greater than", "neq": "is not equal to", "ne": "is not equal to", "approx": "is about",
    "sim": "is like", "simeq": "is about", "equiv": "is equivalent to", "cong": "is congruent to",
    "propto": "is proportional to", "ll": "is much less than", "gg": "is much greater than",
    "rightarrow": "goes to", "to": "goes to", "longrightarrow": "goes to", "mapsto": "maps to",
    "leftarrow": "comes from", "Rightarrow": "implies", "implies": "implies", "Longrightarrow": "implies",
    "Leftrightarrow": "if and only if", "iff": "if and only if", "leftrightarrow": "is equivalent to",
    "infty": "infinity", "partial": "partial", "nabla": "del", "in": "in", "notin": "not in",
    "subset": "is a subset of", "subseteq": "is a subset of", "cup": "union", "cap": "intersection",
    "emptyset": "the empty set", "varnothing": "the empty set", "forall": "for all", "exists": "there is",
    "land": "and", "wedge": "and", "lor": "or", "vee": "or", "neg": "not", "lnot": "not",
    "therefore": "therefore", "because": "because", "ldots": ", and so on,", "cdots": ", and so on,",
    "dots": ", and so on,", "vdots": ", and so on,", "degree": "degrees", "circ": "degrees", "prime": "prime",
    "angle": "angle", "perp": "is perpendicular to", "parallel": "is parallel to", "mid": "given", "hbar": "h bar",
    "ell": "l", "Re": "the real part of", "Im": "the imaginary part of", "aleph": "aleph", "star": "star",
    "setminus": "without", "quad": ",", "qquad": ",", "langle": "", "rangle": "", "bmod": "mod", "mod": "mod",
}  # fmt: skip
_BIG = {
    "sum": "the sum", "prod": "the product", "int": "the integral", "iint": "the double integral",
    "oint": "the contour integral", "lim": "the limit", "bigcup": "the union", "bigcap": "the intersection",
}  # fmt: skip
_ACCENTS = {"hat": "hat", "bar": "bar", "vec": "vector", "tilde": "tilde", "dot": "dot", "ddot": "double dot"}
_ACCENTS |= {"overline": "bar", "widehat": "hat", "overrightarrow": "vector"}
_PLAIN_GROUPS = frozenset(
    "text mathrm mathbf mathit mathsf mathbb mathcal mathfrak textbf textit emph operatorname boldsymbol bm boxed"
    " textrm mbox underline ce displaystyle textstyle mathop".split()
)
_SILENT = frozenset(
    "left right big Big bigg Bigg limits nolimits displaystyle textstyle quad! , ; : ! hline centering label nonumber"
    " phantom tag boxed begin end".split()
)
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\\$|[{}^_&']|\d+(?:[.,]\d+)*|[A-Za-z]|\s+|.", re.DOTALL)
_SIGNS = {
    "=": "equals", "+": "plus", "-": "minus", "−": "minus", "<": "is less than", ">": "is greater than", "*": "times",
    "/": "over", "|": "", "!": "factorial", "%": "percent", "≤": "is at most", "≥": "is at least", "~": "",
}  # fmt: skip
_ALSO_NAMES = frozenset("in to mid inf sup arg deg dim star le ge ne bar dot min max".split())
KNOWN = (
    frozenset(
        (
            *(
                *_WORDS,
                *_FUNCTIONS,
                *_BIG,
                *_ACCENTS,
                *_PLAIN_GROUPS,
                *_GREEK,
                *(g.capitalize() for g in _GREEK),
            ),
            *"frac dfrac tfrac sqrt binom left right varepsilon vartheta varphi".split(),
        )
    )
    - _ALSO_NAMES
)
"""Commands that mean a formula wherever they stand; others may be the path of a file."""


@dataclass
class _Reader:
    tokens: list[str]
    at: int = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def skip_blanks(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def group(self) -> list[str]:
        """The tokens of the next argument: a group in braces without them, or a single token."""
        self.skip_blanks()
        if self.peek() != "{":
            token = self.take()
            return [token] if token else []
        self.at += 1
        depth, start = 1, self.at
        while self.at < len(self.tokens) and depth:
            depth += {"{": 1, "}": -1}.get(self.tokens[self.at], 0)
            self.at += 1
        return self.tokens[start : self.at - (1 if depth == 0 else 0)]

    def part(self) -> list[str]:
        """As `group`; of digits without braces only the first, as in \\frac12."""
        self.skip_blanks()
        token = self.peek()
        if len(token) < 2 or not token.isdigit():
            return self.group()
        self.tokens[self.at] = token[1:]
        return [token[0]]

    def option(self) -> list[str] | None:
        """The tokens of an argument in square brackets, None where there is none."""
        if self.peek() != "[":
            return None
        end = self.tokens.index("]", self.at) if "]" in self.tokens[self.at :] else len(self.tokens)
        found = self.tokens[self.at + 1 : end]
        self.at = end + 1
        return found


def speak_formula(latex: str) -> str:
    """A formula in words, "x squared plus one over two"; "" where nothing is to be said."""
    words = " ".join(_words(_TOKEN.findall(latex), 0))
    words = re.sub(r"\s+([,;])", r"\1", words)
    words = re.sub(r"(?:[,;]\s*)+([,;])", r"\1", words)
    return re.sub(r"\s+", " ", words).strip(" ,;")


def _words(tokens: list[str], depth: int) -> list[str]:
    """Words for tokens; formulas nested deeper than anybody reads are left out."""
    if depth > 12:
        return []
    reader, said = _Reader(tokens), list[str]()
    while reader.at < len(tokens):
        token = reader.take()
        if token.startswith("\\") and len(token) > 1:
            said += _command(token[1:].rstrip("*"), reader, depth)
        elif token == "^":
            said += _power(reader.group(), depth)
        elif token == "_":
            said += ["sub", *inner] if len(inner := _words(reader.group(), depth + 1)) > 1 else inner
        elif token == "{":
            reader.at -= 1
            said += _words(reader.group(), depth + 1)
        elif token == "'":
            said.append("prime")
        elif token == "&":
            continue
        elif token in "([":
            said.append(
                "of"
                if said and re.fullmatch(r"[a-zA-Z]|.*prime", said[-1]) and _is_call(tokens, reader)
                else ""
            )
        elif token in ")]":
            continue
        elif token in _SIGNS:
            said += _sign(token, said)
        elif token.isspace() or token in "}\\":
            continue
        else:
            said.append("A" if token == "a" else token)  # a small one would be read as the article
    return [word for word in said if word]


def _is_call(tokens: list[str], reader: _Reader) -> bool:
    """f(x), but not a(b + c): the letter before the bracket names a function, as few letters do."""
    name = tokens[reader.at - 2] if reader.at >= 2 else ""
    return name in ("f", "g", "h", "F", "G", "H", "P", "E", "O", "T", "'")


def _sign(token: str, said: list[str]) -> list[str]:
    if token == "-" and (not said or said[-1] in _OPENING_WORDS):
        return ["minus"]
    return _SIGNS[token].split()


_OPENING_WORDS = ("equals", "of", "over")


def _power(tokens: list[str], depth: int) -> list[str]:
    text = "".join(tokens).strip()
    simple = {"2": "squared", "3": "cubed", "\\circ": "degrees", "\\prime": "prime", "T": "transposed"}
    if text in simple:
        return [simple[text]]
    if text in ("\\top", "\\intercal"):
        return ["transposed"]
    if text == "\\circ C":
        return ["degrees", "celsius"]
    return ["to", "the", "power", "of", *_words(tokens, depth + 1)]


def _command(name: str, reader: _Reader, depth: int) -> list[str]:
    if name in ("frac", "dfrac", "tfrac", "cfrac"):
        return _fraction(reader.part(), reader.part(), depth)
    if name == "sqrt":
        root = reader.option()
        inside = _words(reader.group(), depth + 1)
        if root is None or "".join(root) == "2":
            return ["the", "square", "root", "of", *inside]
        which = {"3": ["cube"], "4": ["fourth"], "n": ["n-th"]}.get("".join(root), _words(root, depth + 1))
        return ["the", *which, "root", "of", *inside]
    if name in ("binom", "dbinom", "tbinom"):
        return [*_words(reader.group(), depth + 1), "choose", *_words(reader.group(), depth + 1)]
    if name in _BIG:
        return _big(name, reader, depth)
    if name in _ACCENTS:
        return [*_words(reader.group(), depth + 1), _ACCENTS[name]]
    if name in _PLAIN_GROUPS:
        return _plain(name, reader, depth)
    if name in ("begin", "end"):
        reader.group()
        return [","]
    if name == "\\":
        return [","]
    if name in ("left", "right", "big", "Big", "bigg", "Bigg"):
        if reader.peek() == ".":
            reader.take()
        return []
    if name in ("{", "}", "|", ",", ";", ":", "!", " ") or name in _SILENT:
        return []
    return _named(name)


def _named(name: str) -> list[str]:
    if name in ("%", "$", "#", "&", "_"):
        return [{"%": "percent", "$": "dollars", "#": "number", "&": "and", "_": ""}[name]]
    if name in _FUNCTIONS:
        return _FUNCTIONS[name].split()
    if name in _WORDS:
        return _WORDS[name].split()
    plain = name.removeprefix("var")
    return [plain.lower()] if plain.lower() in _GREEK else [name]


def _plain(name: str, reader: _Reader, depth: int) -> list[str]:
    reader.skip_blanks()
    if reader.peek() != "{":
        return []
    group = reader.group()
    if name in ("text", "textbf", "textit", "textrm", "mbox", "emph"):
        return "".join(group).replace("\\", "").split()
    if name in ("mathrm", "operatorname", "ce") and re.fullmatch(r"[\w\s/^.°·-]*", "".join(group)):
        return "".join(group).split()  # units and names are words, not letters
    if name == "mathbb" and len(group) == 1:
        sets = {
            "R": "the real numbers",
            "N": "the natural numbers",
            "Z": "the integers",
            "Q": "the rationals",
        }
        return sets.get(group[0], group[0]).split()
    return _words(group, depth + 1)


def _big(name: str, reader: _Reader, depth: int) -> list[str]:
    """A sum, an integral, a limit, with what stands below and above it."""
    below: list[str] = []
    above: list[str] = []
    while True:
        reader.skip_blanks()
        if reader.peek() == "_":
            reader.take()
            below = _words(reader.group(), depth + 1)
        elif reader.peek() == "^":
            reader.take()
            above = _words(reader.group(), depth + 1)
        elif reader.peek() == "\\limits":
            reader.take()
        else:
            break
    said = _BIG[name].split()
    if name == "lim":
        return [*said, *(["as", *below] if below else []), "of"]
    if below:
        said += ["from" if above else "over", *below]
    return [*said, *(["to", *above] if above else []), "of"]


def _fraction(above: list[str], below: list[str], depth: int) -> list[str]:
    top, bottom = "".join(above).strip(), "".join(below).strip()
    if top.isdigit() and bottom.isdigit() and len(top) < 4 and len(bottom) < 4:
        return [f"{top}/{bottom}"]
    if (match := re.fullmatch(r"(d|\\partial\s*)([a-zA-Z]?)", top)) and (
        other := re.fullmatch(r"(?:d|\\partial\s*)([a-zA-Z])", bottom)
    ):
        kind = "partial " if "partial" in match[1] else ""
        of_what = f"of {match[2]} " if match[2] else ""
        return f"the {kind}derivative {of_what}with respect to {other[1]}{'' if match[2] else ' of'}".split()
    return [*_words(above, depth + 1), "over", *_words(below, depth + 1)]
