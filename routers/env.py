"""The air in the container."""

from fastapi import APIRouter

from api.history import add_history
from api.streaming import add_stream

router = APIRouter(prefix="/env", tags=["env"])
add_history(router, "env")
add_stream(router, "env")
