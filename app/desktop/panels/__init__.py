"""The panels at the right: waveform, memory, latency. Each pulls what it shows while it is seen, and only then."""
