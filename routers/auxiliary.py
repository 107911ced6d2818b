"""Cooling and auxiliaries."""

from fastapi import APIRouter

from api.history import add_history
from api.streaming import add_stream

router = APIRouter(prefix="/aux", tags=["aux"])
add_history(router, "aux")
add_stream(router, "aux")
