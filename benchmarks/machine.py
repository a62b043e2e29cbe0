"""What a figure depends on beside the program: the processor, its load, the libraries; and this process' memory.

Imports nothing heavy.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_CPUINFO, _STATM = Path("/proc/cpuinfo"), Path("/proc/self/statm")
_LIBRARIES = {
    "torch": ("torch",),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime"),  # the same library under two names
}


def machine() -> dict[str, Any]:
    """Processor, cores, load, and the releases of the libraries that compute."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    } | {library: _release(names) for library, names in _LIBRARIES.items()}


def peak_mb() -> float:
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1.0 if sys.platform == "darwin" else 1024.0) / 1e6


def resident_mb() -> float:
    """The memory this process holds now; where the system does not tell, the most it ever held."""
    if not _STATM.exists():
        return peak_mb()
    pages = int(_STATM.read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _cpu() -> str:
    """The processor's name, as far as the system tells."""
    if _CPUINFO.exists():
        for line in _CPUINFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _release(names: tuple[str, ...]) -> str | None:
    """The release of the first of these distributions that is installed."""
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None
