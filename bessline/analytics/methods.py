"""The methods that run: each watches every device. A new method is one file in this folder, and its name here."""

from __future__ import annotations

from collections.abc import Sequence

from bessline.analytics.alarms import Alarms
from bessline.analytics.anomaly import AnomalyScore
from bessline.analytics.base import Analytic, Options, Subject
from bessline.analytics.degradation import Degradation
from bessline.analytics.forecast import Forecaster

#: In the order in which they see a reading, and in which a state shows them.
METHODS: tuple[type[Analytic], ...] = (AnomalyScore, Forecaster, Degradation, Alarms)


def methods_of(subject: Subject, options: Options | None = None) -> list[Analytic]:
    """One of each method, knowing nothing yet, for `subject`."""
    return [method(subject, **(options or {}).get(method.name, {})) for method in METHODS]


def go_by(methods: Sequence[Analytic], options: Options) -> None:
    """Let methods that were kept go by the options of now, where those may change without beginning anew."""
    for method in methods:
        book = options.get(method.name, {}).get("book")
        if isinstance(method, Alarms) and book is not None:
            method.with_rules(book)
