"""Audio in and out: rings, devices, WAV files. Only `engine.audio.portaudio` imports sounddevice."""
