"""What the process of detection does with a body. It imports what is heavy, and is imported there alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.answers import encode
from api.detection_body import Span, read_body
from api.detection_worker import Outcome, Task
from api.posted_rows import BadRows
from bessline.detection import detect
from bessline.detection.history import table_of
from bessline.errors import BadParameter, NotKnown, StoreError
from bessline.store import Store


def work(task: Task) -> Outcome:
    """Do what a body asks."""
    try:
        asked = read_body(task.body.read_bytes())
        of = asked.of
        who: dict[str, Any] = {"battery_id": asked.battery_id}
        if isinstance(of, Span):
            who = {"device_id": of.device_id}
            span = {"start_ms": of.start_ms, "end_ms": of.end_ms}
            of = table_of(Store.open(task.store), of.device_id, fields=of.fields, **span)
            _check_thresholds(asked.wish.thresholds, of.features)
        return Outcome(200, encode(who | detect(of, asked.wish)))
    except BadRows as error:
        return Outcome(422, detail=str(error), errors=error.errors)
    except BadParameter as error:
        return Outcome(422, detail=str(error), errors=[{"loc": ["body", error.name], "msg": str(error)}])
    except NotKnown as error:
        return Outcome(404, detail=str(error), matches=error.matches)
    except StoreError as error:
        return Outcome(503, detail=str(error))
    except MemoryError:
        return Outcome(413, detail="this machine has not enough memory for so many rows; send fewer")


def _check_thresholds(thresholds: Iterable[str], features: tuple[str, ...]) -> None:
    unknown = next((name for name in thresholds if name not in features), None)
    if unknown is not None:
        raise BadParameter("thresholds", f"thresholds: {unknown!r} is not among the fields {', '.join(features)}")
