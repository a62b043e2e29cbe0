"""What goes wrong with a language model's server, each as one sentence: what happened, why, what to do.

Any thread. Imports the `openai` client only when an error of its kind has to be explained.
"""

from __future__ import annotations

from typing import Literal

from engine.errors import SottoError

TroubleKind = Literal[
    "unreachable",
    "slow",
    "key",
    "money",
    "busy",
    "model",
    "refused",
    "failed",
    "garbage",
    "broken_off",
    "silent",
]
_QUOTES = 160


class ModelTrouble(SottoError):
    """A language model that gave no answer, or only the beginning of one."""

    def __init__(self, kind: TroubleKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind: TroubleKind = kind


def explain(error: Exception, base_url: str, model: str, has_key: bool) -> ModelTrouble:
    """The sentence for an error of the client; a 404 is made more telling by `no_such_model`."""
    import openai

    if isinstance(error, ModelTrouble):
        return error
    if isinstance(error, openai.APITimeoutError):
        return slow(base_url)
    if isinstance(error, openai.APIStatusError):
        return _explain_status(error, base_url, model, has_key)
    if isinstance(error, openai.APIConnectionError):
        return _explain_connection(error, base_url)
    if isinstance(error, openai.APIError):  # an error inside the stream
        return ModelTrouble(
            "failed",
            f"The language model server at {base_url} failed{_said(error.message)}; try again later.",
        )
    return garbage(base_url)


def slow(base_url: str) -> ModelTrouble:
    """Nothing came in time."""
    return ModelTrouble(
        "slow",
        f"The language model server at {base_url} did not answer in time;"
        " wait until it is less busy, or choose a smaller model.",
    )


def garbage(base_url: str) -> ModelTrouble:
    """What came is no answer."""
    return ModelTrouble(
        "garbage",
        f"What came from {base_url} is no answer of a language model;"
        " check that the address is that of an OpenAI-compatible server, which mostly ends in /v1.",
    )


def broken_off(base_url: str) -> ModelTrouble:
    """The answer has a beginning and no end."""
    return ModelTrouble(
        "broken_off",
        f"The language model server at {base_url} broke off in the middle of its answer; ask again.",
    )


def silent(model: str, thought: bool) -> ModelTrouble:
    """The model ended without a word of an answer."""
    did = "thought and gave no answer" if thought else "gave an empty answer"
    return ModelTrouble(
        "silent", f"The language model {model!r} {did}; ask again, or choose another model in the settings."
    )


def no_such_model(base_url: str, model: str, models: tuple[str, ...]) -> ModelTrouble:
    """The server does not know the model; `models` are those it has."""
    has = (
        f"the server has: {', '.join(models)}" if models else "the server has no model at all; load one there"
    )
    return ModelTrouble("model", f"The server at {base_url} has no language model {model!r}; {has}.")


def _explain_connection(error: Exception, base_url: str) -> ModelTrouble:
    cause: BaseException | None = error.__cause__
    if type(cause).__name__ in ("RemoteProtocolError", "ReadError"):
        return broken_off(base_url)
    return ModelTrouble(
        "unreachable",
        f"No language model server answers at {base_url}; start it there, or change the address in the settings.",
    )


def _explain_status(error: object, base_url: str, model: str, has_key: bool) -> ModelTrouble:
    status = int(getattr(error, "status_code", 0))
    said = str(getattr(error, "message", ""))
    about_money = any(word in said.lower() for word in ("quota", "credit", "billing", "balance", "payment"))
    if status in (401, 403):
        lack = "refused the API key; enter the right one" if has_key else "asks for an API key; enter one"
        return ModelTrouble("key", f"The server at {base_url} {lack} in the settings.")
    if status == 402 or (status == 429 and about_money):
        return ModelTrouble(
            "money",
            f"The account at {base_url} has no credit left; add some there, or choose a model on this machine.",
        )
    if status == 429:
        return ModelTrouble(
            "busy",
            f"The server at {base_url} is asked more often than it allows; wait a minute, then ask again.",
        )
    if status == 404:
        return ModelTrouble(
            "model",
            f"The server at {base_url} knows neither the language model {model!r} nor a list of models;"
            " check the address, which mostly ends in /v1.",
        )
    if 300 <= status < 400:
        return ModelTrouble(
            "refused", f"The server at {base_url} sends us elsewhere, which Sotto does not follow; enter the other"
            " address in the settings if it is yours.",
        )  # fmt: skip
    if status >= 500:
        return ModelTrouble(
            "failed",
            f"The language model server at {base_url} failed with error {status}; try again later, or look at its"
            " own log.",
        )
    return ModelTrouble(
        "refused",
        f"The server at {base_url} refused the question with error {status}{_said(said)}; check the model.",
    )


def _said(text: str) -> str:
    """What a server said for itself, short and on one line."""
    line = " ".join(text.split())
    return f" ({line[:_QUOTES]}{'…' if len(line) > _QUOTES else ''})" if line else ""
