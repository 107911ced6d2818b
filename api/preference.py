"""What a client prefers: the q-values of `Accept` and its kin."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 64
_NOT = (0.0, 0)


def preferred(header: str, offers: Sequence[str]) -> int | None:
    """The position of the offer that `header` likes best, None where it likes none of them.

    Of offers that are liked alike one that is named counts more than one that only a `*` holds; else the first one.

    >>> preferred("gzip;q=0.5, zstd", ("zstd", "gzip")), preferred("text/*, */*;q=0.1", ("a/json", "text/csv"))
    (0, 1)
    >>> preferred("text/csv, */*", ("a/json", "text/csv")), preferred("*/*", ("a/json", "text/csv"))
    (1, 0)
    >>> preferred("gzip;q=0", ("gzip",)), preferred("", ("gzip",)), preferred("br", ("gzip",))
    (None, None, None)
    """
    liked = _liked(header)
    weights = [_weight(offer, liked) for offer in offers]
    best = max(weights, default=_NOT)
    return weights.index(best) if best > _NOT else None


def _liked(header: str) -> dict[str, float]:
    """Each range of the header with its weight."""
    found: dict[str, float] = {}
    for item in header.split(",")[:_MOST]:
        name, *parameters = (part.strip() for part in item.split(";"))
        if name:
            found[name.lower()] = _quality(parameters)
    return found


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _weight(offer: str, liked: dict[str, float]) -> tuple[float, int]:
    """How much it is liked, and how exactly it is named; the most specific range that holds it counts."""
    kind, slash, _ = offer.partition("/")
    ranges = ("*/*", f"{kind}/*", offer) if slash else ("*", offer)
    for exactness in reversed(range(len(ranges))):
        quality = liked.get(ranges[exactness])
        if quality is not None:
            return (quality, exactness) if quality else _NOT
    return _NOT
