"""The description of the interface, with the errors as they are really sent."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api.afterwards import outermost
from api.problems import PROBLEM
from schemas import Invalid, Problem

_METHODS = ("get", "post", "put", "delete", "patch")
_REF = "#/components/schemas/{model}"
_ALWAYS = {"422": "a parameter cannot be served", "default": "any other error"}


class Api(FastAPI):
    """A FastAPI whose description knows that every error is a problem, and whose streams run outermost."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await outermost(super().__call__, scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The description; made once."""
        if self.openapi_schema is None:
            made = super().openapi()
            for path, operations in made["paths"].items():
                for method in operations.keys() & set(_METHODS):
                    _with_problems(operations[method], takes_device="{" in path)
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for model in (Invalid, Problem):
                schemas[model.__name__] = _schema(model)
            self.openapi_schema = made
        return self.openapi_schema


def _with_problems(operation: dict[str, Any], *, takes_device: bool) -> None:
    told = _ALWAYS | ({"404": "no such device; `matches` holds near names"} if takes_device else {})
    for status, description in told.items():
        content = {PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}}
        operation["responses"][status] = {"description": description, "content": content}


def _schema(model: type[Invalid | Problem]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REF)
    schema.pop("$defs", None)
    return schema
