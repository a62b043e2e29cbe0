"""Dual conversational memory: a semantic and a prosodic bank whose slots fade with time; state as a value."""

from engine.memory.bank import Bank, MemoryState, Slot
from engine.memory.prosody import clause_prosody
from engine.memory.read import MemoryRead, read_weights

__all__ = ["Bank", "MemoryRead", "MemoryState", "Slot", "clause_prosody", "read_weights"]
