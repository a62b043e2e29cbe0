"""Arguments held against their schema, with a sentence that a model can mend them by; nothing is fetched."""

from __future__ import annotations

from typing import Any

import pytest

from engine.dialogue.model_turn import answer_to_question
from engine.dialogue.tools import ArgumentsUnfit, Tool, bounded, fit, question_for
from tests.fakes.model_server import ModelServer

SCHEMA = {
    "type": "object",
    "properties": {"to": {"type": "string", "maxLength": 5}, "count": {"type": "integer", "minimum": 1}},
    "required": ["to"],
    "additionalProperties": False,
}


async def nothing(arguments: dict[str, Any]) -> str:
    return ""


def tool(schema: dict[str, Any]) -> Tool:
    return Tool("post__send_letter", "Send a letter.", schema, "outside", nothing, owner="post")


def test_what_fits_is_taken() -> None:
    assert fit(tool(SCHEMA), '{"to": "Ann", "count": 2}') == {"to": "Ann", "count": 2}
    assert fit(tool({"type": "object"}), "") == {}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('{"to": "Ann"', "are no JSON"),
        ("null", "must be one JSON object"),
        ("{}", "'to' is a required property"),
        ('{"to": "Annabel"}', "['to']: 'Annabel' is too long"),
        ('{"to": "Ann", "count": 0}', "['count']: 0 is less than the minimum of 1"),
        ('{"to": "Ann", "cc": "Bob"}', "'cc' was unexpected"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_what_does_not_fit_is_explained(written: str, sentence: str) -> None:
    with pytest.raises(ArgumentsUnfit) as unfit:
        fit(tool(SCHEMA), written)
    assert sentence in str(unfit.value)
    assert len(str(unfit.value)) < 500


def test_a_schema_that_points_elsewhere_is_refused_and_nobody_is_asked() -> None:
    with ModelServer() as server:
        elsewhere = {"type": "object", "properties": {"to": {"$ref": f"{server.base_url}/models"}}}
        with pytest.raises(ArgumentsUnfit, match="describes its arguments wrongly"):
            fit(tool(elsewhere), '{"to": "Ann"}')
        assert server.requests == 0


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentsUnfit, match="describes its arguments wrongly"):
        fit(tool({"type": "strange"}), "{}")


def test_the_question_names_tool_owner_and_a_little_of_the_arguments() -> None:
    request = question_for(tool(SCHEMA), {"to": "Ann", "text": "x" * 500, "at": [1, 2]})
    assert request.sentence.startswith("May I use send letter of post, with to: Ann; text: xxx")
    assert request.sentence.endswith("…; at: [1, 2]? Say yes or no.")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("yes", True),
        ("Yes, please!", True),
        ("okay, go ahead", True),
        ("sure", True),
        ("No.", False),
        ("no thanks", False),
        ("don't", False),
        ("cancel", False),
        ("yes but not now", None),
        ("no wait, what does it cost", None),
        ("what is the time", None),
        ("", None),
    ],
)
def test_yes_is_yes_and_anything_else_is_not(said: str, verdict: bool | None) -> None:
    assert answer_to_question(said) is verdict


def test_a_long_result_is_cut_and_says_so() -> None:
    assert bounded("short") == "short"
    assert bounded("x" * 10_000).endswith("[cut: 4000 more characters]")
