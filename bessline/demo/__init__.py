"""The simulator of a plant: charge-balanced, faults injected, truth written beside it."""

from bessline.demo.make import make_demo

__all__ = ["make_demo"]
