"""What `sotto doctor` asks: accelerator, sound devices, voices, recognisers, disk, network use, and the mend where one
is needed.

Runs in the engine process, since it imports torch; each probe stands alone, so that one failure hides no other.
"""

from __future__ import annotations

import importlib
import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from engine.addresses import is_on_this_machine
from engine.audio.devices import AudioDevice, SoundDeviceError, input_devices, output_devices
from engine.dialogue.model_config import load_dialogue_config
from engine.dialogue.opening import dialogue_config_path
from engine.errors import SottoError
from engine.event_values import Finding
from engine.paths import data_dir
from engine.recognition.choice import BUNDLED
from engine.recognition.installed import kept_models
from engine.speaking import VoiceShelf

LOW_DISK_GB = 2.0
"""Below this a training run or a downloaded model soon fails."""


def examine(shelf: VoiceShelf) -> tuple[Finding, ...]:
    """Every finding, in the order a person would want them."""
    probes: dict[str, Callable[[], Iterable[Finding]]] = {
        "system": _system,
        "accelerator": _accelerator,
        "runtime": _runtime,
        "loudspeaker": _loudspeaker,
        "microphone": _microphone,
        "voices": lambda: _voices(shelf),
        "recognisers": _recognisers,
        "disk": lambda: _disk(data_dir()),
        "network": _network,
    }
    return tuple(finding for subject, probe in probes.items() for finding in _found(subject, probe))


def _found(subject: str, probe: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a probe finds; that it fails is a finding as well."""
    try:
        return list(probe())
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the others are still of interest
        told = str(error).partition("\n")[0]
        return [
            Finding(
                subject=subject,
                state="problem",
                finding=f"cannot be examined ({type(error).__name__}: {told})",
                mend="Install Sotto again (make clean && make setup); if that does not help, please report this.",
            )
        ]


def _system() -> Iterator[Finding]:
    found = f"{platform.platform()}, Python {platform.python_version()}"
    yield Finding(subject="system", state="good", finding=found)


def _network() -> Iterator[Finding]:
    """What the settings let Sotto connect to."""
    path = dialogue_config_path()
    try:
        config = load_dialogue_config(path)
    except SottoError as error:
        mend = f"Mend or remove {path}; until then the built-in skills alone answer."
        yield Finding(subject="network", state="problem", finding=str(error), mend=mend)
        return
    used = [
        (f"tools of {server.name} at {server.url}", server.url)
        for server in config.tool_servers
        if server.allowed and server.url
    ]
    if (model := config.model) is not None:
        used.insert(0, (f"{model.model} at {model.base_url} answers questions", model.base_url))
    found = "; ".join(what for what, _ in used) or "none: Sotto opens no connection"
    if used and all(is_on_this_machine(address) for _, address in used):
        found += " (on this machine)"
    yield Finding(subject="network", state="good", finding=found)


def _accelerator() -> Iterator[Finding]:
    try:
        import torch
    except (ImportError, OSError) as error:
        yield Finding(
            subject="accelerator",
            state="problem",
            finding=f"PyTorch cannot be loaded ({error})",
            mend="Install Sotto again: make clean && make setup.",
        )
        return
    cores = f"{torch.get_num_threads()} of {os.cpu_count()} cores"
    if torch.cuda.is_available():
        memory_gb = torch.cuda.get_device_properties(0).total_memory / 1e9
        found = f"{torch.cuda.get_device_name(0)}, {memory_gb:.0f} GB"
    elif torch.backends.mps.is_available():
        found = "Apple GPU (MPS)"
    else:
        found = f"none; the CPU computes ({cores})"
    yield Finding(subject="accelerator", state="good", finding=f"{found}, PyTorch {torch.__version__}")


def _runtime() -> Iterator[Finding]:
    """What would compute a voice that is loaded without a wish, and why."""
    chosen: str | None = None
    try:
        from engine.runtime import choose_device, choose_runtime, why_not_onnx

        reason = why_not_onnx()
        device = choose_device(None)
        chosen = choose_runtime(None, device)
    except (ImportError, OSError) as error:
        reason = str(error)
    if chosen == "cuda":
        cpu = "ONNX Runtime" if reason is None else "PyTorch"
        found = f"cuda (CUDA graphs), since PyTorch sees a GPU; {cpu} on the CPU takes over should it fail"
    elif chosen == "onnx":
        found = "onnx (ONNX Runtime on the CPU), since PyTorch sees no GPU that CUDA graphs run on"
    elif chosen == "torch" and device.type != "cpu":
        found = f"torch (PyTorch on {device}), since PyTorch sees a GPU, and none that CUDA graphs run on"
    else:
        found = f"torch (PyTorch), which is slower on the CPU than ONNX Runtime: {reason}"
    if reason is None:
        yield Finding(subject="runtime", state="good", finding=found)
        return
    if chosen == "cuda":
        found += f", which is slower there: {reason}"
    yield Finding(
        subject="runtime", state="warning", finding=found, mend="Install what is missing: make setup."
    )


def _loudspeaker() -> Iterator[Finding]:
    try:
        names = _names(output_devices())
    except SoundDeviceError as error:
        yield Finding(
            subject="loudspeaker", state="warning", finding="nothing can be played", mend=str(error)
        )
        return
    if names:
        yield Finding(subject="loudspeaker", state="good", finding=names)
        return
    mend = "Connect one and see that the system's sound settings show it; until then use `sotto say --out FILE.wav`."
    yield Finding(subject="loudspeaker", state="warning", finding="no device that plays", mend=mend)


def _microphone() -> Iterator[Finding]:
    try:
        names = _names(input_devices())
    except SoundDeviceError:  # the loudspeaker's finding says why
        names = ""
    yield Finding(
        subject="microphone",
        state="good",
        finding=names or "no device that hears; without one converse in writing",
    )


def _names(devices: tuple[AudioDevice, ...]) -> str:
    return "; ".join(f"{device.name}{' (default)' if device.is_default else ''}" for device in devices)


def _voices(shelf: VoiceShelf) -> Iterator[Finding]:
    mend = "Restore the shipped voices (git checkout resources/voices, or install again), or train one: sotto train."
    try:
        voices, damaged = shelf.list_voices(), shelf.damaged_voices()
    except (SottoError, ImportError, OSError) as error:
        yield Finding(subject="voices", state="problem", finding=str(error), mend=mend)
        return
    if not voices:
        yield Finding(subject="voices", state="problem", finding="none is installed", mend=mend)
    for folder in damaged:
        again = f"Put the voice there again, or remove the folder {folder.path}."
        yield Finding(subject="voice", state="problem", finding=folder.reason, mend=again)
    for voice in voices:
        yield Finding(subject="voice", state="good", finding=f"{voice.name} ({voice.kind}), {voice.path}")


def _recognisers() -> Iterator[Finding]:
    """The bundled one, and those that were downloaded; their checksums are `sotto recognisers verify`'s."""
    subject = "recogniser"
    try:
        importlib.import_module("pocketsphinx")
    except (ImportError, OSError) as error:
        yield Finding(
            subject=subject,
            state="problem",
            finding=f"{BUNDLED} cannot be loaded ({error}), so nothing that is said is understood",
            mend="Install Sotto again (make clean && make setup); until then converse in writing: sotto chat.",
        )
    else:
        yield Finding(subject=subject, state="good", finding=f"{BUNDLED}, part of Sotto")
    for model in kept_models():
        size = f"{model.size_bytes / 1e6:,.0f} MB"
        again = f"Download it again: sotto recognisers fetch {model.name}."
        missing = sum(not Path(model.folder, file.path).is_file() for file in model.files)
        if not model.complete:
            found = f"{model.name}, only partly downloaded"
            yield Finding(subject=subject, state="warning", finding=found, mend=again)
        elif missing:
            found = f"{model.name}: {missing} of its {len(model.files)} files are missing from {model.folder}"
            yield Finding(subject=subject, state="problem", finding=found, mend=again)
        else:
            yield Finding(subject=subject, state="good", finding=f"{model.name}, {size}, {model.folder}")


def _disk(folder: Path) -> Iterator[Finding]:
    existing = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    free_gb = shutil.disk_usage(existing).free / 1e9
    found = f"{free_gb:.1f} GB free for {folder}"
    if free_gb >= LOW_DISK_GB:
        yield Finding(subject="disk", state="good", finding=found)
        return
    yield Finding(
        subject="disk",
        state="warning",
        finding=found,
        mend=f"Free some space: below {LOW_DISK_GB:.0f} GB training and downloads fail.",
    )
