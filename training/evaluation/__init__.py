"""Judges voices by an independent recogniser and by measures of the sound. Must not import app or Qt."""
