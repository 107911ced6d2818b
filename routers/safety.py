"""Fire detection."""

from fastapi import APIRouter

from api.history import add_history
from api.streaming import add_stream

router = APIRouter(prefix="/safety", tags=["safety"])
add_history(router, "safety")
add_stream(router, "safety")
