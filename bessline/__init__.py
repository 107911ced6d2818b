"""bessline: battery storage telemetry as a live stream, a history, analytics and a page."""

__version__ = "0.1.0"
