"""The closed grammar as a machine over words."""

from __future__ import annotations

import pytest

from engine.session.command_forms import CommandForms, GrammarUnreadable


def rules(body: str) -> CommandForms:
    return CommandForms(f"#JSGF V1.0 UTF-8 en;\ngrammar g;\n{body}")


def said(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def test_alternatives_options_groups_and_rules() -> None:
    forms = rules("public <c> = turn (on | off) [the] <thing>;\n<thing> = light | living room;")
    assert forms.may_end(said("turn on the light"))
    assert forms.may_end(said("turn off living room"))
    assert not forms.may_end(said("turn off living"))
    assert not forms.may_end(said("turn light"))
    assert forms.next_words(said("turn on")) == {"the", "light", "living"}
    assert forms.next_words(said("turn sideways")) == frozenset()


def test_repetition_quotes_tags_weights_and_comments() -> None:
    forms = rules(
        '// d\npublic <c> = /2.0/ dial {number} <d>+ | /1/ "say it" (very)* loud {a; b};\n/* ten */<d> = one | two;'
    )
    assert not forms.may_end(said("dial"))
    assert forms.may_end(said("dial one two one"))
    assert forms.may_end(said("say it loud"))
    assert forms.may_end(said("say it very very loud"))
    assert forms.next_words(said("dial one")) == {"one", "two"}


def test_two_public_rules_are_one_grammar() -> None:
    forms = rules("public <a> = stop;\npublic <b> = <a> it;")
    assert forms.may_end(said("stop"))
    assert forms.may_end(said("stop it"))


def test_words_are_compared_in_lower_case() -> None:
    assert rules("public <a> = Paris;").may_end(("paris",))


def test_open_prefixes() -> None:
    forms = CommandForms("public <a> = stop;", ("remember that", "note"))
    assert forms.awaits_open_text(("remember",))
    assert forms.awaits_open_text(("remember", "that"))
    assert not forms.awaits_open_text(("remember", "that", "i"))
    assert not forms.awaits_open_text(())
    assert forms.opens_with_prefix(("note", "milk"))
    assert not forms.opens_with_prefix(("note", "milk"), least=2)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<a> = stop;", "no public rule"),
        ("public <a> = (stop;", "not closed"),
        ("public <a> = <b>;", "<b>"),
        ("public <a> = <a> more;", "<a>"),
        ("public <a> = stop) now;", "stray"),
        ("what is this;", "no rule"),
    ],
)
def test_what_is_no_grammar_is_refused_in_a_sentence(body: str, says: str) -> None:
    with pytest.raises(GrammarUnreadable, match=says):
        CommandForms(body)
