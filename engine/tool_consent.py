"""Whether a tool may be used, given the tools that the user always allows and never does. Pure; imports nothing."""

from __future__ import annotations

from typing import Literal

ToolConsent = Literal["always", "ask", "never"]


def consent_for(tool: str, allowed_tools: tuple[str, ...], refused_tools: tuple[str, ...]) -> ToolConsent:
    """Refusal wins; what is in neither list is asked about at each use."""
    if tool in refused_tools:
        return "never"
    return "always" if tool in allowed_tools else "ask"
