"""The catalogue of signals."""

import difflib
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import json_answer
from bessline.errors import BadParameter
from bessline.signals import catalogue
from schemas import SignalInfo, SignalList

router = APIRouter(tags=["signals"])

TOPICS = tuple(dict.fromkeys(signal.topic for signal in catalogue()))
_LONGEST = 64
_OF_TOPIC = Query(description="one topic only", json_schema_extra={"enum": list(TOPICS)})


@router.get("/signals", response_model=SignalList)
async def signals(topic: Annotated[str | None, _OF_TOPIC] = None) -> Response:
    """Every signal with its topic, unit, sign, valid range and aggregation."""
    if topic is not None and topic not in TOPICS:
        near = difflib.get_close_matches(topic, TOPICS, n=2, cutoff=0.5) or TOPICS
        raise BadParameter("topic", f"no topic {topic[:_LONGEST]!r}; write one of {', '.join(near)}")
    found = [SignalInfo.of(signal).model_dump() for signal in catalogue() if topic in (None, signal.topic)]
    return json_answer({"signals": found})
