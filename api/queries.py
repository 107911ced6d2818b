"""Query names: a name that an endpoint does not know, or one given twice, is refused, on every endpoint alike."""

from __future__ import annotations

import difflib

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from bessline.errors import BadParameter

_LONGEST = 64


def only_known_names(request: Request) -> None:
    """Raise for a query name that the endpoint does not have. Pages are exempt: a link to one may carry anything."""
    route = request.scope["route"]
    if not isinstance(route, APIRoute) or not route.include_in_schema:
        return
    known = _descriptions(route)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            raise BadParameter(name[:_LONGEST], _unknown(name[:_LONGEST], list(known)))
        if name in seen:
            raise BadParameter(name, f"{name} is given twice; give it once, a list with commas between")
        seen.add(name)


def hints_of(request: Request) -> dict[str, str]:
    """How to write each parameter of the endpoint behind `request`."""
    route = request.scope.get("route")
    return {name: text for name, text in _descriptions(route).items() if text} if isinstance(route, APIRoute) else {}


def _descriptions(route: APIRoute) -> dict[str, str]:
    fields = get_flat_params(route.dependant)
    return {
        field.alias: field.field_info.description or ""
        for field in fields
        if getattr(getattr(field.field_info, "in_", None), "value", "query") == "query"
    }


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"no parameter {name!r} here; did you mean {' or '.join(near)}?"
    return f"no parameter {name!r} here; there is {', '.join(known) or 'none'}"
