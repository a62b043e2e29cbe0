"""Front ends. They reach the engine through its handle, events, config, errors and paths alone.

Never imports training, torch or an audio library; training and benchmarks run as subprocesses.
"""
