"""Which words are believed while somebody is still speaking: the grammar's path, or the open decoder's.

The grammar finds a path through anything. While more may come there is no last word of the limit (`judge`), which
weighs whole utterances; here few rules decide, each 10 ms: how well the path fits, and whether the open decoder, that
knows of no commands, hears the same sounds. Pure, imports nothing. Limits: docs/decisions/0017-how-a-turn-ends.md.
"""

from __future__ import annotations

from typing import Literal

Belief = Literal["whole", "doubtful", "beginning", "open"]
"""whole: a command is complete · doubtful: it may be · beginning: a command lacks words · open: no command's words."""

LIKELY = -5.7
"""Mean score a frame from which the beginning of a command is shown; below it nothing is believed to be one."""

WHOLE = -5.0
"""The same for a whole command, where the open decoder agrees."""

SHORT = -4.8
"""The same for a command of one word, about which the two decoders seldom agree."""

DOUBTFUL = -4.5
"""A whole command that fits so well is no other text, though the open decoder hears other sounds: noise drowns it."""

SURE = 0.9
"""Before a pause the last word of the limit is known as well. Where it is so sure of a whole command that the rules
above refuse, or less sure of one that they believe ("speak" and a pause fits "speak up"), the command is doubtful."""

FEW = 2
"""A command of no more words is doubtful unless the open decoder heard the same: half a sentence may sound like it,
"mustard and" like "faster"."""

AGREEMENT = 0.4
"""Share of its sounds that the open decoder must have heard as well."""


def belief(words: int, score: float, whole: bool, agreement: float, same: bool) -> Belief:
    """What the grammar's path is.

    `words`: how many it has; `score`: their mean a frame; `whole`: the grammar may end there; `agreement`: share of
    the path's phones that the open decoder's words have too, in order (0 to 1); `same`: it has the same words.
    """
    if words == 0:
        return "open"
    agreed = agreement >= AGREEMENT
    if not whole:
        return "beginning" if score >= LIKELY and (agreed or words == 1) else "open"
    if (score >= WHOLE and agreed) if words > 1 else score >= SHORT:
        return "whole" if same or words > FEW else "doubtful"
    return "doubtful" if score >= DOUBTFUL else "open"
