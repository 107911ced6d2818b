"""A whole storage unit: bms, pcs, aux, env and safety on one timeline, field names prefixed."""

from fastapi import APIRouter

from api.history import add_history
from api.streaming import add_stream

router = APIRouter(prefix="/bess", tags=["bess"])
add_history(router, "bess")
add_stream(router, "bess")
