"""How the cells of a text file are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cells:
    """`delimiter` between cells, `decimal` before decimals, and `thousands` between groups of three digits, if any.

    >>> str(Cells()), str(Cells(";", ",", "."))
    ("cells ',' '.'", "cells ';' ',' '.'")
    """

    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""

    def __str__(self) -> str:
        groups = f" {self.thousands!r}" if self.thousands else ""
        return f"cells {self.delimiter!r} {self.decimal!r}{groups}"


PLAIN = Cells()
