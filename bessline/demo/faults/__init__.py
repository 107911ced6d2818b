"""The faults a demo plant can have."""

from bessline.demo.faults.base import Fault, FaultWindow
from bessline.demo.faults.kinds import KINDS, choose, place

__all__ = ["KINDS", "Fault", "FaultWindow", "choose", "place"]
