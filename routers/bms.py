"""The battery management system."""

from fastapi import APIRouter

from api.history import add_history
from api.streaming import add_stream

router = APIRouter(prefix="/bms", tags=["bms"])
add_history(router, "bms")
add_stream(router, "bms")
