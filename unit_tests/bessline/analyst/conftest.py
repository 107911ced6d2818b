"""Fixtures of the analyst's tests."""

from unit_tests.bessline.analyst.watching import trusted

__all__ = ["trusted"]
