"""The bars of every benchmark, in one place, and whether figures meet them.

They hold on two CPU cores with nothing beside, those of "gpu" on one GPU, for the shipped `tiny` voice with all its
books. Imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit for one figure, which is named by its path in the benchmark's JSON object. One of the two is set."""

    figure: str
    at_most: float | None = None
    at_least: float | None = None

    def judged(self, figures: dict[str, Any]) -> dict[str, Any]:
        """The bar as JSON, with the value it was held against and whether that met it. Raises KeyError without one."""
        value: Any = figures
        for name in self.figure.split("."):
            value = value[name]
        if self.at_most is not None:
            return {
                "figure": self.figure,
                "value": value,
                "at_most": self.at_most,
                "passed": value <= self.at_most,
            }
        return {
            "figure": self.figure,
            "value": value,
            "at_least": self.at_least,
            "passed": value >= self.at_least,
        }


RTF = 0.25
PEAK_MB = 1500.0

BARS: dict[str, tuple[Bar, ...]] = {
    "say": (Bar("first_sound_ms.p95", at_most=80.0), Bar("rtf.p50", at_most=RTF)),
    "frame": (
        Bar("frame_ms.p50", at_most=15.0),
        Bar("frame_ms.p99", at_most=35.0),
        Bar("rtf", at_most=RTF),
    ),
    "start": (Bar("first_sound_s.max", at_most=4.0),),
    "long": (Bar("rtf", at_most=RTF), Bar("peak_at_end_mb", at_most=PEAK_MB)),
    "steady": (Bar("ratio.cpu_p50", at_most=1.05), Bar("peak_mb", at_most=PEAK_MB)),
    "peer": (Bar("times_faster", at_least=10.0),),
    "talk": (
        Bar("command_v2v_ms.p50", at_most=500.0),
        Bar("command_v2v_ms.p95", at_most=900.0),
        Bar("open_v2v_ms.p50", at_most=900.0),
        Bar("open_v2v_ms.p95", at_most=1500.0),
    ),
    "talk model": (
        Bar("command_v2v_ms.p50", at_most=500.0),
        Bar("command_v2v_ms.p95", at_most=900.0),
        Bar("open_less_model_ms.p50", at_most=900.0),
        Bar("open_less_model_ms.p95", at_most=1500.0),
    ),
    "heard": (
        Bar("cut_error_ms.p95", at_most=60.0),
        Bar("one_word_wrong_at_most", at_least=0.95),
        Bar("ducked_ms.p95", at_most=300.0),
        Bar("silent_ms.p95", at_most=450.0),
        Bar("no_click", at_least=1.0),
    ),
    "duplex": (
        Bar("gaps_beyond_control", at_most=0.0),
        Bar("starved", at_most=0.0),
        Bar("resident_growth", at_most=0.02),
    ),
    "skills": (Bar("right", at_least=0.97), Bar("asserted_wrongly", at_most=0.01)),
    "skills spoken": (Bar("right", at_least=0.90),),
    "store": (
        Bar("turn_ms.p99", at_most=5.0),
        Bar("search_ms.max", at_most=50.0),
        Bar("killed.lost_beyond_a_clause", at_most=0),
        Bar("killed.would_not_open", at_most=0),
    ),
    "cutoffs": (
        Bar("cut", at_most=0.05),
        Bar("command_ms.p50", at_most=250.0),
        Bar("command_ms.p95", at_most=450.0),
        Bar("open_ms.p50", at_most=600.0),
        Bar("open_ms.p95", at_most=1000.0),
    ),
    "models": (Bar("first_word_ms.p95", at_most=250.0),),
    "models dialogue": (Bar("clause_ms.p95", at_most=100.0),),
    "gui": (
        Bar("first_paint_s", at_most=1.0),
        Bar("ready_s", at_most=5.0),
        Bar("gap_ms.p99", at_most=50.0),
        Bar("gap_ms.max", at_most=150.0),
        Bar("waveform_core", at_most=0.15),
        Bar("transcript.open_s", at_most=1.0),
        Bar("transcript.scroll_max_ms", at_most=50.0),
    ),
    "gpu": (
        Bar("float32.rtf", at_most=0.06),
        Bar("float32.first_sound_made_ms.p95", at_most=30.0),
        Bar("float32.agreement.codes", at_least=0.999),
        Bar("bfloat16.agreement.codes", at_least=0.97),
    ),
    "commands": (
        Bar("understood.clean", at_least=0.95),
        Bar("understood.20 dB", at_least=0.85),
        Bar("understood.10 dB", at_least=0.60),
        Bar("accepted.all", at_most=0.03),
    ),
    "bargein recall": (
        Bar("both.ducked_ms.p95", at_most=300.0),
        Bar("both.silent_ms.p95", at_most=450.0),
        Bar("as_loud.recall", at_least=0.95),
        Bar("louder_12db.recall", at_least=0.85),
        Bar("cpu_share_of_ears", at_most=0.15),
    ),
    "bargein echo": (Bar("turns_in_30_minutes", at_most=0.0), Bar("pauses_in_30_minutes", at_most=2.0)),
    "commands part": (),
    "bargein interjections": (Bar("went_on_share", at_least=0.9),),
    "runtime_parts float32": (Bar("agreement.codes", at_least=0.999),),
    "runtime_parts int8": (Bar("agreement.codes", at_least=0.97),),
}


def verdicts(benchmark: str, figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Every bar of the benchmark, judged."""
    return [bar.judged(figures) for bar in BARS[benchmark]]


def in_words(verdict: dict[str, Any]) -> str:
    """One verdict for people."""
    limit = f"at most {verdict['at_most']:g}" if "at_most" in verdict else f"at least {verdict['at_least']:g}"
    return f"{verdict['figure']} {verdict['value']:g}, {limit}: {'passed' if verdict['passed'] else 'MISSED'}"
