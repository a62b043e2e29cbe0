"""What a model thinks and the marks of its template, taken out of the stream of its answer.

Pure, any thread. What is given back does not depend on how the text was cut into pieces.
"""

from __future__ import annotations

import re

# What opens a stretch that is not for anybody, and what closes it.
_HIDDEN = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<thoughts>": "</thoughts>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<scratchpad>": "</scratchpad>",
    "<seed:think>": "</seed:think>",
    "<tool_call>": "</tool_call>",
    "<tool_response>": "</tool_response>",
    "<function_call>": "</function_call>",
    "[think]": "[/think]",
    "[tool_calls]": "\n",
    "◁think▷": "◁/think▷",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|start_thinking|>": "<|end_thinking|>",
    "<|tool_call|>": "<|/tool_call|>",
    "<|channel|>analysis": "<|channel|>final",
    "<|channel|>commentary": "<|channel|>final",
    "<|channel>thought": "<channel|>",
}
# Marks between the parts of a conversation: silent, and so are a role's name and the parts' end that belong to them.
_MARKS = re.compile(
    r"<\|start\|>assistant|<\|im_start\|>assistant|<start_of_turn>model|<end_of_turn>"
    r"|<\|start_header_id\|>\w*<\|end_header_id\|>|<\|channel\|>final|<\|[a-z_0-9/▁｜]{1,40}\|>|<｜[^｜<>]{1,40}｜>"
    r"|</s>|<s>|<bos>|<eos>|<pad>|<unk>|\[/?inst\]|</?(?:final_)?answer>|</?output>|</?response>",
    re.IGNORECASE,
)
_CLOSERS = tuple(closing for closing in _HIDDEN.values() if closing != "\n")
_OPENING = re.compile("|".join(re.escape(opening) for opening in _HIDDEN), re.IGNORECASE)
_STRAY = re.compile("|".join(re.escape(closing) for closing in _CLOSERS), re.IGNORECASE)
_START = re.compile(r"[<\[◁]")
_LONGEST = 64
_MAY_BE_MARK = re.compile(r"</?\w{0,20}|<seed:?\w{0,8}|<[|｜][^<>|｜]{0,45}[|｜]?|\[/?\w{0,12}|◁/?\w{0,8}")
_LONG_MARKS = (
    *_HIDDEN,
    *_CLOSERS,
    "<|start|>assistant",
    "<|im_start|>assistant",
    "<|start_header_id|>assistant<|end_header_id|>",
    "<|channel|>final",
    "<start_of_turn>model",
)


class Thoughts:
    """Feed an answer in any pieces. One answer each.

    `inside`: this model's template opened the thought itself, so that the answer begins within one.
    """

    def __init__(self, inside: bool = False) -> None:
        self._text = ""
        self._closing = "</think>" if inside else ""
        self.thought = inside
        """Whether the model has thought at all."""
        self.closed_unopened = False
        """Whether a thought ended that had never begun: the sign of a model that begins inside one."""

    @property
    def is_thinking(self) -> bool:
        """Whether the text so far ends within a thought."""
        return bool(self._closing)

    def feed(self, text: str) -> str:
        """What of it is certainly answer."""
        self._text += text
        return self._drain(ended=False)

    def finish(self) -> str:
        """The rest; a thought that never ended is no answer."""
        return self._drain(ended=True)

    def _drain(self, ended: bool) -> str:
        shown: list[str] = []
        while self._text:
            if self._closing:
                if not self._close():
                    break
                continue
            start = _START.search(self._text)
            if start is None:
                shown.append(self._text)
                self._text = ""
                break
            shown.append(self._text[: start.start()])
            self._text = self._text[start.start() :]
            if not ended and self._may_become_mark():
                break
            shown.append(self._mark())
        return "".join(shown)

    def _close(self) -> bool:
        """Pass over the thought to its end, if that has come."""
        at = self._text.lower().find(self._closing)
        if at < 0:
            self._text = self._text[-len(self._closing) + 1 :] if len(self._closing) > 1 else ""
            return False
        self._text = self._text[at + len(self._closing) :]
        self._closing = ""
        return True

    def _may_become_mark(self) -> bool:
        """Whether the text, which begins with a bracket, is too short to tell what it opens."""
        if len(self._text) >= _LONGEST:
            return False
        if _MAY_BE_MARK.fullmatch(self._text):
            return True
        begun = self._text.lower()
        return any(len(mark) > len(begun) and mark.startswith(begun) for mark in _LONG_MARKS)

    def _mark(self) -> str:
        """Take what stands at the beginning: a mark is silent, anything else is one character of the answer."""
        if opening := _OPENING.match(self._text):
            self._closing = _HIDDEN[opening[0].lower()]
            self.thought = True
            self._text = self._text[opening.end() :]
            return ""
        if mark := _STRAY.match(self._text):
            self.closed_unopened = True
        else:
            mark = _MARKS.match(self._text)
        if mark:
            self._text = self._text[mark.end() :]
            return ""
        first, self._text = self._text[0], self._text[1:]
        return first
