"""Errands: what a front end asks about language models, tool servers, keys and sound devices, and what it is told.

Each is answered by one `engine.errand_events.ErrandDone`. Frozen values, safe on any thread and across processes.
Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from engine.addresses import is_on_this_machine
from engine.tool_consent import ToolConsent, consent_for

ErrandName = Literal["setup", "tool_servers", "find", "models", "try", "key", "tools", "devices"]
"""An errand takes the place of the one of its name that is under way; those that write (`WRITING`) wait their turn."""

WRITING: tuple[ErrandName, ...] = ("setup", "tool_servers", "key")

# What is told


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """A server that answered with a list of its models. `name`: the program it is, "" where that is not known."""

    address: str
    name: str = ""
    models: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether what is said stays on this machine."""
        return is_on_this_machine(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundServers:
    """The servers that answered on the usual ports of this machine."""

    servers: tuple[ModelServer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model of a server, and as whom it answers."""

    address: str
    model: str
    persona: str
    system_prompt: str

    @property
    def is_here(self) -> bool:
        """Whether what is said stays on this machine."""
        return is_on_this_machine(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTimes:
    """A model answered: the time to the first token of its answer, and that of the first question, where the server
    may have had to load it."""

    address: str
    model: str
    first_answer_ms: float
    first_question_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStored:
    """A key is in the keyring, or for this session only (`sentence` says why), or forgotten."""

    address: str
    has_key: bool
    kept: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolServerSetup:
    """A tool server: a program (`command`) or an address (`url`). Tools in neither list are asked about at each use."""

    name: str
    command: str = ""
    arguments: tuple[str, ...] = ()
    url: str = ""
    allowed: bool = False
    allowed_tools: tuple[str, ...] = ()
    refused_tools: tuple[str, ...] = ()

    def consent_for(self, tool: str) -> ToolConsent:
        """Whether a tool may be used."""
        return consent_for(tool, self.allowed_tools, self.refused_tools)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    """A tool as its server describes it."""

    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTools:
    """All tools of a server, also those that are refused."""

    server: str
    tools: tuple[OfferedTool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueSetup:
    """Who answers. `resting`: the model that answered before the built-in skills alone were chosen. `keyed`: addresses
    that have a key. `notice`: a sentence to be told, as about a damaged file."""

    model: ModelChoice | None
    resting: ModelChoice | None
    tool_servers: tuple[ToolServerSetup, ...]
    keyed: tuple[str, ...]
    default_persona: str
    default_system_prompt: str
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSummary:
    """A microphone or a loudspeaker; `label` is what is shown and remembered."""

    label: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDevices:
    """What is plugged in."""

    inputs: tuple[DeviceSummary, ...]
    outputs: tuple[DeviceSummary, ...]


ErrandResult = (
    FoundServers | ModelServer | ModelTimes | KeyStored | OfferedTools | DialogueSetup | SoundDevices
)


# What is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDialogue:
    """Ask for the DialogueSetup."""

    errand: ClassVar[ErrandName] = "setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseModel:
    """Answer with a model from the next question on (None: the built-in skills alone), and keep that: DialogueSetup.

    Where `persona` or `system_prompt` is None it stays as it was; "" is the default.
    """

    errand: ClassVar[ErrandName] = "setup"
    address: str = ""
    model: str | None
    persona: str | None = None
    system_prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetToolServer:
    """Add a tool server, or change the one of that name: DialogueSetup. With `is_new` a taken name is refused."""

    errand: ClassVar[ErrandName] = "tool_servers"
    server: ToolServerSetup
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveToolServer:
    """Forget a tool server: DialogueSetup."""

    errand: ClassVar[ErrandName] = "tool_servers"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindServers:
    """Look for servers on the usual ports of this machine: FoundServers."""

    errand: ClassVar[ErrandName] = "find"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListModels:
    """Ask a server for its models: ModelServer."""

    errand: ClassVar[ErrandName] = "models"
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryModel:
    """Ask a model something and measure it: ModelTimes."""

    errand: ClassVar[ErrandName] = "try"
    address: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKey:
    """Keep the key to a server in the keyring; "" forgets it: KeyStored."""

    errand: ClassVar[ErrandName] = "key"
    address: str
    key: str = field(repr=False)  # so that no log can show it


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTools:
    """Start a tool server that is allowed and ask for its tools: OfferedTools."""

    errand: ClassVar[ErrandName] = "tools"
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDevices:
    """Ask for the SoundDevices."""

    errand: ClassVar[ErrandName] = "devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelErrand:
    """Give up what is under way: its ErrandDone has neither a result nor a trouble."""

    errand: ErrandName


Errand = (
    ReadDialogue
    | UseModel
    | SetToolServer
    | RemoveToolServer
    | FindServers
    | ListModels
    | TryModel
    | StoreKey
    | ListTools
    | ListDevices
    | CancelErrand
)
