"""What recipes read: the corpus on disk and its alignment in quarters of a frame. Must not import torch or app."""

from training.data.corpus import AlignedUnit, ClauseAlignment, Corpus, Utterance
from training.data.durations import PAUSE_CLASS, UNKNOWN_CLASS, quarter_labels, quarters

__all__ = [
    "PAUSE_CLASS",
    "UNKNOWN_CLASS",
    "AlignedUnit",
    "ClauseAlignment",
    "Corpus",
    "Utterance",
    "quarter_labels",
    "quarters",
]
