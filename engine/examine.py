"""What `sotto doctor` asks: accelerator, sound devices, voices, disk, network use, and the mend where one is needed.

Runs in the engine process, since it imports torch; each probe stands alone, so that one failure hides no other.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.audio.devices import SoundDeviceError, input_devices, output_devices
from engine.errors import SottoError
from engine.events import Finding
from engine.paths import data_dir
from engine.speaking import VoiceShelf

LOW_DISK_GB = 2.0
"""Below this a training run or a downloaded model soon fails."""


def examine(shelf: VoiceShelf) -> tuple[Finding, ...]:
    """Every finding, in the order a person would want them."""
    return (
        Finding(
            subject="system",
            state="good",
            finding=f"{platform.platform()}, Python {platform.python_version()}",
        ),
        _accelerator(),
        _runtime(),
        *_sound(),
        *_voices(shelf),
        _disk(data_dir()),
        Finding(subject="network", state="good", finding="none: Sotto opens no connection"),
    )


def _accelerator() -> Finding:
    try:
        import torch
    except (ImportError, OSError) as error:
        return Finding(
            subject="accelerator",
            state="problem",
            finding=f"PyTorch cannot be loaded ({error})",
            mend="Install Sotto again: make clean && make setup.",
        )
    cores = f"{torch.get_num_threads()} of {os.cpu_count()} cores"
    if torch.cuda.is_available():
        memory_gb = torch.cuda.get_device_properties(0).total_memory / 1e9
        found = f"{torch.cuda.get_device_name(0)}, {memory_gb:.0f} GB"
    elif torch.backends.mps.is_available():
        found = "Apple GPU (MPS)"
    else:
        found = f"none; the CPU computes ({cores})"
    return Finding(subject="accelerator", state="good", finding=f"{found}, PyTorch {torch.__version__}")


def _runtime() -> Finding:
    try:
        from engine.runtime import why_not_onnx
    except (ImportError, OSError) as error:
        reason: str | None = str(error)
    else:
        reason = why_not_onnx()
    if reason is None:
        return Finding(
            subject="runtime", state="good", finding="ONNX Runtime on the CPU, PyTorch on an accelerator"
        )
    return Finding(
        subject="runtime",
        state="warning",
        finding=f"PyTorch, which is slower on the CPU than ONNX Runtime: {reason}",
        mend="Install what is missing: make setup.",
    )


def _sound() -> Iterator[Finding]:
    try:
        outputs, inputs = output_devices(), input_devices()
    except SoundDeviceError as error:
        yield Finding(subject="loudspeaker", state="warning", finding="PortAudio is missing", mend=str(error))
        return
    mend = "Connect one and see that the system's sound settings show it; until then use `sotto say --out FILE.wav`."
    for subject, devices in (("loudspeaker", outputs), ("microphone", inputs)):
        names = [f"{device.name}{' (default)' if device.is_default else ''}" for device in devices]
        if names:
            yield Finding(subject=subject, state="good", finding="; ".join(names))
        elif subject == "loudspeaker":
            yield Finding(subject=subject, state="warning", finding="no device that plays", mend=mend)
        else:
            yield Finding(subject=subject, state="good", finding="no device; none is needed yet")


def _voices(shelf: VoiceShelf) -> Iterator[Finding]:
    mend = "Restore the shipped voices (git checkout resources/voices, or install again), or train one: sotto train."
    try:
        voices = shelf.list_voices()
    except (SottoError, ImportError, OSError) as error:
        yield Finding(subject="voices", state="problem", finding=str(error), mend=mend)
        return
    if not voices:
        yield Finding(subject="voices", state="problem", finding="none is installed", mend=mend)
    for voice in voices:
        yield Finding(subject="voice", state="good", finding=f"{voice.name} ({voice.kind}), {voice.path}")


def _disk(folder: Path) -> Finding:
    existing = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    free_gb = shutil.disk_usage(existing).free / 1e9
    found = f"{free_gb:.1f} GB free for {folder}"
    if free_gb < LOW_DISK_GB:
        return Finding(
            subject="disk",
            state="warning",
            finding=found,
            mend=f"Free some space: below {LOW_DISK_GB:.0f} GB training and downloads fail.",
        )
    return Finding(subject="disk", state="good", finding=found)
