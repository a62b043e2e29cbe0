"""The settings of tool servers, as somebody uses them; the engine follows a script."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt

from engine.errands import (
    ListTools,
    OfferedTool,
    OfferedTools,
    RemoveToolServer,
    SetToolServer,
    ToolServerSetup,
)
from tests.app.desktop.at_settings import DESK, SOMEBODY, Settings, rows
from tests.app.desktop.conftest import User


def test_a_tool_server_is_added_and_starts_only_when_allowed(user: User) -> None:
    user.engine.results = {SetToolServer: replace(SOMEBODY, tool_servers=(DESK,))}
    settings = Settings(user, SOMEBODY, "Tools")
    settings.reads("There is no tool server yet.")
    settings.types(settings.tools.name, "desk")
    settings.types(settings.tools.command, "desk --all 'my files'")
    settings.clicks(settings.tools.add_button)
    assert settings.asked(SetToolServer) == SetToolServer(server=DESK, is_new=True)
    settings.reads(
        "Not allowed, so it never runs. If you allow it, Sotto starts desk --all 'my files' and offers"
    )
    assert not settings.tools.list_button.isEnabled()
    allowed = replace(DESK, allowed=True)
    tools = (OfferedTool(name="read", description="Reads."), OfferedTool(name="write", description="Writes."))
    user.engine.results = {
        SetToolServer: replace(SOMEBODY, tool_servers=(allowed,)),
        ListTools: OfferedTools(server="desk", tools=tools),
    }
    settings.clicks(settings.tools.allow_button)
    user.waits(lambda: settings.tools.list_button.isEnabled())
    assert settings.asked(SetToolServer) == SetToolServer(server=allowed)
    settings.clicks(settings.tools.list_button)
    user.waits(lambda: settings.tools.tools.count() == 2)
    settings.tools.tools.setCurrentRow(0)
    decided = replace(allowed, allowed_tools=("read",))
    user.engine.results = {SetToolServer: replace(SOMEBODY, tool_servers=(decided,))}
    settings.tools.use.setFocus()
    user.bot.keyClick(settings.tools.use, Qt.Key.Key_Up)
    user.waits(lambda: rows(settings.tools.tools)[0] == "read · Always\nReads.")
    assert settings.asked(SetToolServer).server == decided


def test_a_removed_tool_server_can_be_added_again(user: User) -> None:
    user.engine.results = {RemoveToolServer: SOMEBODY}
    settings = Settings(user, replace(SOMEBODY, tool_servers=(DESK,)), "Tools")
    settings.clicks(settings.tools.remove_button)
    settings.reads("There is no tool server yet.")
    settings.clicks(settings.tools.add_button)
    assert settings.asked(SetToolServer) == SetToolServer(server=DESK, is_new=True)


def test_an_address_is_a_tool_server_too_and_half_a_quote_is_none(user: User) -> None:
    settings = Settings(user, page="Tools")
    settings.types(settings.tools.name, "web")
    settings.types(settings.tools.command, "desk 'my files")
    settings.clicks(settings.tools.add_button)
    settings.reads("an opening quotation mark without a closing one")
    settings.types(settings.tools.command, "http://127.0.0.1:7000/mcp")
    settings.clicks(settings.tools.add_button)
    server = ToolServerSetup(name="web", url="http://127.0.0.1:7000/mcp")
    assert settings.asked(SetToolServer).server == server
