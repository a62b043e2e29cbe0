"""What was really heard of interrupted answers, found in the recording of the loudspeaker, beside what Sotto says.

Each round asks by typing, lets the answer sound for a while, and says "stop" into the microphone. The speech that was
made lies in a file; the recording is laid on it by correlation. Words are placed by a recogniser's forced alignment of
that file, which knows nothing of the voice's own plan.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.bench_figures import percentiles
from benchmarks.conversations import AUDIBLE, Talker, conversing
from benchmarks.duplex_rig import RATE_HZ, Rig, rig_delay
from benchmarks.user_lines import VOICES, spoken_line
from benchmarks.virtual_card import virtual_card, wait_for
from engine.commands import StartConversation, TypedText
from engine.errors import SottoError
from engine.events import ItemTruncated, ResponseDone

QUESTION = "what can you do"
"""Its answer is long, and of plain words."""

STOPS = ("stop", "stop please", "wait", "be quiet")
EARLIEST_S, LATEST_S = 0.5, 4.0
_PIECE = RATE_HZ // 100
_ALIGN_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Cut:
    """One interruption.

    Where the recording says that the answer ended in the speech made, as an interval in ms, and where Sotto says so;
    delays from the user's first voiced sample, to the end of the last clear piece at full level (`full_ms`) and to the
    first lowered one behind it; the bend at the cut against the 100 ms before; words.
    """

    first_ms: float
    last_ms: float
    told_ms: float
    silent_ms: float
    full_ms: float | None
    ducked_ms: float | None
    bend_ratio: float
    words_told: int
    words_found: int | None

    @property
    def error_ms(self) -> float:
        """How far what is told lies outside of what was found."""
        return max(0.0, self.first_ms - self.told_ms, self.told_ms - self.last_ms)


def measure(interruptions: int, voice: str | None) -> dict[str, Any]:
    """So many interruptions."""
    rng = np.random.default_rng(0)
    stops = [spoken_line(STOPS[n % len(STOPS)], VOICES[n % len(VOICES)]) for n in range(interruptions)]
    with virtual_card(), tempfile.TemporaryDirectory() as name:
        delay = rig_delay()
        command = StartConversation(voice=voice, keep_audio=Path(name))
        with conversing(command) as talker, Rig(20.0 + 30.0 * interruptions) as rig:
            rounds = [
                _interrupt(rig, talker, stop, float(rng.uniform(EARLIEST_S, LATEST_S)), delay, Path(name))
                for stop in stops
            ]
            troubles = rig.troubles
        # Only now: what is computed while the rig records keeps its callback waiting, which delays it for good.
        cuts = [_examined(*found) for found in rounds if found is not None]
    if not cuts:
        raise SottoError("Not one answer was interrupted, so there is nothing to measure; run sotto doctor.")
    return _figures(cuts, len(rounds) - len(cuts)) | {"rig_troubles": troubles}


_Round = tuple[NDArray[np.float32], NDArray[np.float32], int, ItemTruncated, str]
"""What was heard, what was made, where in the first the user began, what Sotto says of the cut, the answer's text."""


def _interrupt(
    rig: Rig, talker: Talker, stop: NDArray[np.float32], after_s: float, delay: int, folder: Path
) -> _Round | None:
    """One round; None where the answer was not interrupted."""
    begun = len(talker.events)
    start = rig.place
    talker.engine.converse(TypedText(text=QUESTION))
    wait_for(lambda: talker.state == "speaking", "the answer to begin", 30.0)
    rig.wait_until(rig.place + round(after_s * RATE_HZ))
    at = rig.say(stop)

    def over() -> bool:
        told = [event for event in talker.events[begun:] if isinstance(event, ResponseDone)]
        return bool(told) and talker.state == "listening"

    wait_for(over, "the answer to end", 60.0)
    rig.wait_until(rig.place + RATE_HZ)
    end = rig.place
    cuts = [event for event in talker.events[begun:] if isinstance(event, ItemTruncated)]
    if not cuts:
        return None
    (path,) = folder.rglob(f"turn_{cuts[0].turn_id:05d}_assistant.wav")
    made = soundfile.read(path, dtype="float32")[0]
    done = next(
        e for e in talker.events[begun:] if isinstance(e, ResponseDone) and e.turn_id == cuts[0].turn_id
    )
    return rig.heard(start, end), made, at + delay - start, cuts[0], done.text


def _examined(
    heard: NDArray[np.float32], made: NDArray[np.float32], user_at: int, told: ItemTruncated, text: str
) -> Cut:
    """Lay the recording on what was made, and see where it ends."""
    offset = _offset(heard, made[: 2 * RATE_HZ])
    # Whatever follows the answer, such as the reply to "stop", is not of it: the answer ends at its first long silence
    # that was not made silent.
    laid = heard[offset : offset + len(made)]
    pieces = len(laid) // _PIECE
    loud_heard = np.abs(laid[: pieces * _PIECE].reshape(-1, _PIECE)).max(axis=1) > AUDIBLE
    loud_made = np.abs(made[: pieces * _PIECE].reshape(-1, _PIECE)).max(axis=1) > 4.0 * AUDIBLE
    lost = np.flatnonzero(loud_made & ~loud_heard)
    first_lost = int(lost[0]) if len(lost) else pieces
    there = np.flatnonzero(loud_heard[:first_lost])
    last = (int(there[-1]) + 1) * _PIECE if len(there) else 0
    last_sample = int(np.flatnonzero(np.abs(laid[:last]) > AUDIBLE)[-1]) if last else 0
    place = (1000.0 / RATE_HZ) * (offset + last_sample - user_at)
    full_until, lowered_from = _ducked(laid[:last], made[:last])
    return Cut(
        first_ms=1000.0 * last_sample / RATE_HZ,
        last_ms=1000.0 * first_lost * _PIECE / RATE_HZ,
        told_ms=told.audio_end_ms,
        silent_ms=place,
        full_ms=None if full_until is None else 1000.0 * (offset + full_until - user_at) / RATE_HZ,
        ducked_ms=None if lowered_from is None else 1000.0 * (offset + lowered_from - user_at) / RATE_HZ,
        bend_ratio=_bend(laid, last_sample),
        words_told=len(told.heard_text.split()),
        words_found=_words_until(made, text, 0.5 * (last_sample + first_lost * _PIECE) / RATE_HZ),
    )


def _offset(heard: NDArray[np.float32], made: NDArray[np.float32]) -> int:
    size = len(heard) + len(made)
    correlation = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(made, size)), size)
    return int(np.argmax(correlation[: len(heard)]))


def _ducked(laid: NDArray[np.float32], made: NDArray[np.float32]) -> tuple[int | None, int | None]:
    """The end of the last clear piece that is heard at its level, and the first clear one behind it that lies 10 dB and
    more below: it was lowered in between, where there may be a gap between two words. None: it never was."""
    count = len(laid) // _PIECE
    heard = np.sqrt(np.mean(laid[: count * _PIECE].reshape(-1, _PIECE) ** 2, axis=1))
    loud = np.sqrt(np.mean(made[: count * _PIECE].reshape(-1, _PIECE) ** 2, axis=1))
    clear = loud > 8.0 * AUDIBLE
    low = clear & (heard < 10.0 ** (-10.0 / 20.0) * loud)
    full = np.flatnonzero(clear & ~low)
    full_until = int(full[-1]) + 1 if len(full) else 0
    lowered = np.flatnonzero(low[full_until:])
    if not len(lowered):
        return None, None
    return full_until * _PIECE, (full_until + int(lowered[0])) * _PIECE


def _bend(laid: NDArray[np.float32], last: int) -> float:
    """The largest second difference within 5 ms of the end against that of the 100 ms before."""
    bends = np.abs(np.diff(laid.astype(np.float64), 2))
    near, before = RATE_HZ // 200, RATE_HZ // 10
    at_end, earlier = (
        bends[max(0, last - near) : last + near],
        bends[max(0, last - near - before) : max(1, last - near)],
    )
    return round(float(at_end.max(initial=0.0) / max(1e-9, earlier.max(initial=0.0))), 3)


def _words_until(made: NDArray[np.float32], text: str, until_s: float) -> int | None:
    """How many words of `text` sounded by half, by forced alignment; None where they cannot be aligned.

    What was made ends somewhere behind the cut, so that the text may go on: any beginning of it is looked for.
    """
    from pocketsphinx import Decoder  # at the end, since it is slow to load

    from engine.recognition.pronunciation import pronunciations

    words = re.findall(r"[a-z']+", text.lower())
    decoder = Decoder(loglevel="FATAL", lm=None)
    missing = sorted({word for word in words if decoder.lookup_word(word) is None})
    for word, phones in pronunciations(missing).items():
        decoder.add_word(word, phones, False)
    beginnings = " [ ".join(words) + " ]" * (len(words) - 1)
    decoder.add_jsgf_string("beginnings", f"#JSGF V1.0; grammar text; public <said> = {beginnings};")
    decoder.activate_search("beginnings")
    sound = soxr.resample(made, RATE_HZ, _ALIGN_HZ)
    decoder.start_utt()
    decoder.process_raw((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    found = [s for s in decoder.seg() or () if s.word not in ("<s>", "</s>", "<sil>", "(NULL)")]
    if not found or found[-1].end_frame / 100.0 < until_s - 0.5:
        return None
    return sum(int((segment.start_frame + segment.end_frame) / 200.0 <= until_s) for segment in found)


def _figures(cuts: list[Cut], missed: int) -> dict[str, Any]:
    aligned = [cut for cut in cuts if cut.words_found is not None]
    wrong = [abs(cut.words_told - (cut.words_found or 0)) for cut in aligned]
    ducked = [cut.ducked_ms for cut in cuts if cut.ducked_ms is not None]
    full = [cut.full_ms for cut in cuts if cut.full_ms is not None]
    return {
        "interruptions": len(cuts) + missed,
        "not_interrupted": missed,
        "cut_error_ms": percentiles([cut.error_ms for cut in cuts]),
        "within_60_ms": round(float(np.mean([cut.error_ms <= 60.0 for cut in cuts])), 3),
        "aligned": len(aligned),
        "one_word_wrong_at_most": round(float(np.mean([w <= 1 for w in wrong])), 3) if wrong else 0.0,
        "ducked_ms": percentiles(ducked) if ducked else {},
        "full_until_ms": percentiles(full) if full else {},
        "silent_ms": percentiles([cut.silent_ms for cut in cuts]),
        "bend_ratio": percentiles([cut.bend_ratio for cut in cuts]),
        "no_click": round(float(np.mean([cut.bend_ratio <= 1.0 for cut in cuts])), 3),
        "each": [_told(cut) for cut in cuts],
    }


def _told(cut: Cut) -> dict[str, Any]:
    """One interruption, to look into."""
    return {
        "found_ms": [round(cut.first_ms), round(cut.last_ms)],
        "told_ms": round(cut.told_ms),
        "silent_ms": round(cut.silent_ms),
        "ducked_ms": None if cut.ducked_ms is None else round(cut.ducked_ms),
        "words_told": cut.words_told,
        "words_found": cut.words_found,
    }
