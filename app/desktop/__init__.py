"""The desktop app. `main` boots it, `bridge` alone knows both Qt and the engine, `reduce` says what is to be seen.

Everything here runs on the window's thread, save the bridge's two. Never imports torch, nor the engine beyond its door.
"""
