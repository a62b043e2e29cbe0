"""Recogniser models from a hub: fetched when asked for, paused, resumed, checked, removed. One door: `Downloads`.

Threads of the engine process of its own. Opens a connection only for `FetchRecogniser`.
"""

from engine.downloads.downloads import Downloads

__all__ = ["Downloads"]
