"""The real-time engine: codec, speech model, memory, text front end and runtimes.

Imports neither `app`, `training` nor Qt. Heavy libraries are imported by the sub-packages that need them.
"""
