"""What the store holds, device by device, from its manifest alone."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import caching, etag_of, is_current, json_answer, not_modified
from api.times import rfc3339
from bessline.managers import Managers
from bessline.signals import READING_TOPICS


def devices_answer(request: Request, managers: Managers, *, topic: str | None = None) -> Response:
    """The list as an answer. Blocks: for a reading thread."""
    etag = etag_of(managers.store, "devices", topic)
    if is_current(request, etag):
        return not_modified(etag)
    answer = json_answer(device_list(managers, topic=topic))
    answer.headers.update(caching(etag))
    return answer


def device_list(managers: Managers, *, topic: str | None = None) -> dict[str, Any]:
    """All devices, or those that have readings of `topic`, as `schemas.DeviceList`."""
    held = managers.store.devices
    by_topic = {name: set(managers[name].devices()) for name in READING_TOPICS}
    wanted = sorted(held) if topic is None else sorted(by_topic[topic])
    return {
        "devices": [
            {
                "device_id": device_id,
                "topics": {
                    name: _topic(managers, device_id, name) for name in READING_TOPICS if device_id in by_topic[name]
                },
                "timezone": held[device_id].timezone,
                "unclassified": sorted(held[device_id].fields("unclassified")),
            }
            for device_id in wanted
            if device_id in held
        ]
    }


def _topic(managers: Managers, device_id: str, topic: str) -> dict[str, Any]:
    timeline = managers[topic].timeline(device_id)
    kept_ms = managers[topic].kept_from_ms(device_id)
    kept = {} if kept_ms is None else {"kept_from": rfc3339(kept_ms)}
    return {
        "fields": list(timeline.fields),
        "start": rfc3339(timeline.start_ms),
        "end": rfc3339(timeline.end_ms),
        "rows": timeline.rows,
        "period_s": timeline.period_s,
        "coverage": timeline.coverage,
        **kept,
    }
