"""The user's words. Recognisers run in a process of their own behind one protocol.

Nothing here blocks: audio is handed over, what was understood is polled. Must not import the speech model or dialogue.
Importing this package loads no recogniser; that happens in its process.
"""

from engine.recognition.choice import BUNDLED, make_recogniser
from engine.recognition.contract import (
    RATE_HZ,
    Final,
    Grammar,
    Partial,
    Recognised,
    Recogniser,
    RecogniserTrouble,
)

__all__ = [
    "BUNDLED",
    "RATE_HZ",
    "Final",
    "Grammar",
    "Partial",
    "Recognised",
    "Recogniser",
    "RecogniserTrouble",
    "make_recogniser",
]
