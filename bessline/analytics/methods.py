"""The methods that run: each watches every device. A new method is one file in this folder, and its name here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bessline.analytics.base import Analytic, Subject
from bessline.analytics.degradation import Degradation

#: In the order in which they see a reading, and in which a state shows them.
METHODS: tuple[type[Analytic], ...] = (Degradation,)

#: Options of methods, by the method's name: what its class takes beside the subject.
Options = Mapping[str, Mapping[str, Any]]


def methods_of(subject: Subject, options: Options | None = None) -> list[Analytic]:
    """One of each method, knowing nothing yet, for `subject`."""
    return [method(subject, **(options or {}).get(method.name, {})) for method in METHODS]
