"""The front door of the sources."""

import bessline.sources as sources


def test_everything_a_caller_needs_is_exported() -> None:
    """The store and the demo import from here only."""
    assert all(hasattr(sources, name) for name in sources.__all__)
    assert "open_source" in sources.__all__
