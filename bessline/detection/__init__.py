"""Anomalies of a whole table at once, by Isolation Forest. It knows no HTTP; it is heavy and runs in a process."""

from bessline.detection.detect import Wish, detect
from bessline.detection.table import Table

__all__ = ["Table", "Wish", "detect"]
