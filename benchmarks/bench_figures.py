"""Percentiles, for benchmarks that load no model themselves. Imports numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def percentiles(values: Sequence[float] | NDArray[np.float64]) -> dict[str, float]:
    """p50, p95 and p99, to a hundredth."""
    return {f"p{p}": round(float(np.percentile(values, p)), 2) for p in (50, 95, 99)}
