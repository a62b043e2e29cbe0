"""The installed voices as the engine process knows them: `engine.runtime` behind the protocols of `engine.speaking`.

Runs on the engine thread. Importing this module loads nothing heavy: torch comes with the first voice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from engine.event_values import DamagedVoice, VoiceSummary
from engine.speaking import ConversingVoice, Fallback, SpeakingVoice, SpeechChunk, Trouble

if TYPE_CHECKING:
    from engine.runtime import Voice


class RuntimeShelf:
    """The voices of `engine.runtime`, which is imported here, inside the engine process, since it brings torch."""

    def list_voices(self) -> tuple[VoiceSummary, ...]:
        """The installed voices."""
        from engine.runtime import list_voices

        return tuple(
            VoiceSummary(
                name=voice.name,
                path=str(voice.path),
                kind=voice.kind,
                licence=voice.licence,
                sample_rate_hz=voice.sample_rate_hz,
                card=dict(voice.card),
            )
            for voice in list_voices()
        )

    def damaged_voices(self) -> tuple[DamagedVoice, ...]:
        """The folders among the voices that cannot be read."""
        from engine.runtime import damaged_voices

        return tuple(
            DamagedVoice(name=damage.name, path=str(damage.path), reason=damage.reason)
            for damage in damaged_voices()
        )

    def remove_voice(self, name: str) -> str:
        """Remove one of the user's own voices."""
        from engine.runtime import remove_voice

        return str(remove_voice(name))

    def load_voice(self, name: str | None, device: str | None, runtime: str | None) -> SpeakingVoice:
        """A voice of this name or folder, on this device, computed by this runtime."""
        from engine.runtime import load_or_fall_back

        return RuntimeVoice(*load_or_fall_back(name, device, runtime))


class RuntimeVoice:
    """One loaded voice of `engine.runtime`, and what went wrong with the GPU already then."""

    def __init__(self, voice: Voice, on_loading: Fallback | None = None) -> None:
        from engine.runtime import Synthesiser

        self._synthesiser, self._on_loading = Synthesiser, on_loading
        self._tell: Callable[[Fallback], None] | None = None
        self._take(voice)

    def _take(self, voice: Voice) -> None:
        self._voice = voice
        self.name: str = voice.name
        self.runtime: str = voice.runtime
        self.device: str = str(voice.device)
        self.sample_rate_hz: int = voice.sample_rate_hz

    def watch(self, tell: Callable[[Fallback], None]) -> None:
        """See `SpeakingVoice`."""
        self._tell = tell
        if self._on_loading is not None:
            tell(self._on_loading)

    def stream(
        self,
        text: str | Iterable[str],
        seed: int,
        reserve_ms: Callable[[], float | None],
        report: Callable[[Trouble], None],
    ) -> Iterator[SpeechChunk]:
        """Speech of this voice for a text. Once on the CPU, it stays there for the texts that follow."""

        def fell_back(fallback: Fallback) -> None:
            self._take(synthesiser.voice)
            if self._tell is not None:
                self._tell(fallback)

        synthesiser = self._synthesiser(self._voice, seed=seed, tell=fell_back)
        return synthesiser.stream(text, reserve_ms, report)

    def converse(self, seed: int) -> ConversingVoice:
        """This voice for a whole conversation. Once on the CPU, it stays there for what follows."""
        from engine.runtime import ConversationVoice

        def fell_back(fallback: Fallback) -> None:
            self._take(conversing.voice)
            if self._tell is not None:
                self._tell(fallback)

        conversing = ConversationVoice(self._voice, seed, fell_back)
        return conversing
