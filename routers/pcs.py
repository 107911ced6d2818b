"""The power conversion system."""

from fastapi import APIRouter

from api.history import add_history
from api.streaming import add_stream

router = APIRouter(prefix="/pcs", tags=["pcs"])
add_history(router, "pcs")
add_stream(router, "pcs")
