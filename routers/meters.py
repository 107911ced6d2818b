"""The meters."""

from fastapi import APIRouter

from api.history import add_history
from api.streaming import add_stream

router = APIRouter(prefix="/meters", tags=["meters"])
add_history(router, "meter")
add_stream(router, "meter")
