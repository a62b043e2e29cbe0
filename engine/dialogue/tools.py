"""What a language model may do besides talking: a tool's description, its arguments held against their schema.

Any thread; tools run on the dialogue thread. `jsonschema` is imported on first use. Nothing is fetched: a schema that
refers to another address is refused.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Reach = Literal["none", "inside", "outside"]
"""What a tool changes: nothing, something within Sotto, or something elsewhere. Elsewhere is asked about first."""

_LONGEST_RESULT = 6_000
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Tool:
    """`parameters` is a JSON schema. `run` gives what the model is told, and raises ToolFailed with a sentence."""

    name: str
    description: str
    parameters: dict[str, Any]
    reach: Reach
    run: Callable[[dict[str, Any]], Awaitable[str]]
    owner: str = "Sotto"
    """Whose it is: Sotto's own, or a tool server's name."""
    may_use_unasked: bool = False
    """The user allowed it for good."""
    changes: Callable[[dict[str, Any]], bool] | None = None
    """Whether a call changes anything at all, for a tool within Sotto that may only look."""

    def waits_for_commit(self, values: dict[str, Any]) -> bool:
        """Whether a call has effects, so that it may run only once the answer is heard."""
        return self.reach != "none" and (self.changes is None or self.changes(values))

    @property
    def asks_first(self) -> bool:
        """Whether each use is the user's to allow."""
        return self.reach == "outside" and not self.may_use_unasked

    def as_offered(self) -> dict[str, Any]:
        """The form in which a model is told of it."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model asks for; `arguments` is the text that it wrote, which may be anything."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """May this be done? `sentence` is the question; `owner` says whose tool it is, `tool` is "" for a whole server."""

    owner: str
    tool: str
    arguments: dict[str, Any]
    sentence: str


class Consent(Protocol):
    """Whoever asks the user by other means than the voice."""

    def ask(self, request: ConsentRequest) -> bool | None:
        """Yes, no, or None: ask aloud. May wait for the user, on a thread of its own; no answer is a no."""


class ToolFailed(Exception):
    """A tool that did not do what it was asked; the sentence is told to the model."""


class ArgumentsUnfit(ToolFailed):
    """Arguments that do not fit their schema."""


def fit(tool: Tool, written: str) -> dict[str, Any]:
    """The arguments as values; raises ArgumentsUnfit with a sentence that the model can mend them by."""
    from jsonschema import exceptions
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        values = json.loads(written or "{}")
    except (ValueError, RecursionError) as error:
        raise ArgumentsUnfit(
            f"The arguments of {tool.name} are no JSON ({error}); write them as one JSON object."
        ) from error
    if not isinstance(values, dict):
        raise ArgumentsUnfit(f"The arguments of {tool.name} must be one JSON object.")
    try:
        validator = validator_for(tool.parameters)
        validator.check_schema(tool.parameters)
        # A registry of its own: the default one would fetch what a schema refers to from anywhere.
        problem = exceptions.best_match(validator(tool.parameters, registry=Registry()).iter_errors(values))
    except (exceptions.SchemaError, Unresolvable, RecursionError) as error:
        raise ArgumentsUnfit(
            f"The tool {tool.name} describes its arguments wrongly, so it cannot be used."
        ) from error
    if problem is not None:
        where = "".join(f"[{part!r}]" for part in problem.absolute_path)
        raise ArgumentsUnfit(
            f"The arguments of {tool.name} do not fit: {where or 'they'}: {problem.message[:300]}. Mend them."
        )
    return values


def question_for(tool: Tool, values: dict[str, Any]) -> ConsentRequest:
    """How the user is asked whether a tool may be used."""
    given = "; ".join(f"{_said(name)}: {_short(value)}" for name, value in list(values.items())[:4])
    with_what = f", with {given}" if given else ""
    sentence = (
        f"May I use {_said(tool.name.split('__')[-1])} of {_said(tool.owner)}{with_what}? Say yes or no."
    )
    return ConsentRequest(tool.owner, tool.name, values, sentence)


def _said(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").split())


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_VALUE else f"{line[:_LONGEST_VALUE]}…"


def bounded(result: str) -> str:
    """A tool's result, cut where it would fill the model's context."""
    if len(result) <= _LONGEST_RESULT:
        return result
    return f"{result[:_LONGEST_RESULT]}\n[cut: {len(result) - _LONGEST_RESULT} more characters]"
