"""How right the analytics are, on labelled and on real data, beside baselines in the same run. Never point-adjusted.

A section is one file with a ``main(folder)`` that prints its table; name it in `SECTIONS` and it runs.
``BESSLINE_ACCURACY=labelled,forecast`` runs some of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bench import accuracy_budget, accuracy_demo, accuracy_forecast, accuracy_labelled
from bench.real_series import DATA

SECTIONS: dict[str, Callable[[Path], None]] = {
    "labelled": accuracy_labelled.main,
    "budget": accuracy_budget.main,
    "forecast": accuracy_forecast.main,
    "demo": accuracy_demo.main,
}


def main(folder: Path) -> None:
    """The sections asked for, else all."""
    for name in os.environ.get("BESSLINE_ACCURACY", ",".join(SECTIONS)).split(","):
        print(f"\n{name}")
        if name != "demo" and not DATA.is_dir():
            sys.exit(f"no measured data at {DATA}; set BESSLINE_SHARED")
        SECTIONS[name](folder)
