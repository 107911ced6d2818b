"""Online analytics: one file a method, each fed one reading at a time. They know no store, no clock and no socket."""

from bessline.analytics.base import Analytic, Event, Reading, Subject

__all__ = ["Analytic", "Event", "Reading", "Subject"]
