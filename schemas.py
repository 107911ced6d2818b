"""The wire format. Readings come from the catalogue, so that server, page and documentation have one schema."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from bessline.signals import BESS_TOPICS, READING_TOPICS, Signal, catalogue

#: Topics that are served as readings; ``bess`` is five of them on one timeline.
SERVED_TOPICS = (*READING_TOPICS, "bess")
_STAMP: dict[str, Any] = {"format": "date-time", "examples": ["2024-05-01T00:00:00.000Z"]}
_KEPT = "only there where retention dropped rows: those before this instant, which are not missing"


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Invalid(_Wire):
    """One parameter that cannot be served."""

    loc: list[str | int] = Field(description="where it stands, as ['query', 'start']")
    msg: str = Field(description="what is wrong and how to write it")


class Problem(BaseModel):
    """An error, as RFC 9457 describes it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["no bms device 'batt01'; did you mean 'batt1'?"])
    instance: str = Field(examples=["/bms/batt01"])
    errors: list[Invalid] = Field(default=[], description="the parameters that are wrong (422)")
    matches: list[str] = Field(default=[], description="names near to the one asked for (404)")


class TopicInfo(_Wire):
    """What a device has of one topic."""

    fields: list[str] = Field(description="the fields that it measures; the others are null in every reading")
    start: str = Field(description="stamp of the first reading", json_schema_extra=_STAMP)
    end: str = Field(description="stamp of the last reading", json_schema_extra=_STAMP)
    rows: int = Field(ge=0, description="readings")
    period_s: float = Field(gt=0, description="step of the timeline, seconds")
    coverage: float = Field(ge=0, le=1, description="share of the span that is not lost in gaps")
    kept_from: str | None = Field(default=None, description=_KEPT, json_schema_extra=_STAMP)


class DeviceInfo(_Wire):
    """One storage unit or one meter."""

    device_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    topics: dict[str, TopicInfo]
    timezone: str | None = Field(description="zone of its local days; UTC where null", examples=["Asia/Shanghai"])
    unclassified: list[str] = Field(description="stored signals that the catalogue does not know")


class DeviceList(_Wire):
    """Devices of the store."""

    devices: list[DeviceInfo]


class SignalInfo(_Wire):
    """One row of the catalogue."""

    topic: str
    field: str = Field(description="name in a reading; {pack} and {cell} count from 1")
    unit: str = Field(description="UCUM code")
    symbol: str = Field(description="the unit as a person reads it")
    sign: str | None = Field(description="what a positive value means; null where there is no direction")
    valid: tuple[float | None, float | None] = Field(description="lowest and highest plausible value; null where open")
    aggregation: Literal["mean", "last", "max"] = Field(description="how a bucket of values becomes one")
    kind: Literal["measure", "counter", "flag"]
    description: str

    @classmethod
    def of(cls, signal: Signal) -> SignalInfo:
        """The row as it is served."""
        names = cls.model_fields
        return cls(**{name: getattr(signal, name) for name in names})


class SignalList(_Wire):
    """The catalogue."""

    signals: list[SignalInfo]


class SeriesInfo(_Wire):
    """One signal as it is drawn: columns of one length, in which a null stands in each gap and nowhere else."""

    device_id: str
    signal: str = Field(description="topic.field", examples=["bms.soc"])
    unit: str | None = Field(description="UCUM code; null for what the catalogue does not know")
    sign: str | None = Field(description="what a positive value means; null where there is no direction")
    resolution: Literal["raw", "5min", "15min", "1h", "1d"] = Field(
        description="raw, or the level of buckets that was used: of UTC, or of timezone"
    )
    drawn: Literal["sample", "mean", "last", "max"] = Field(
        description="sample: t and v are real samples; else one point a bucket at its start, and how v was made of it"
    )
    coverage: float | None = Field(
        ge=0,
        le=1,
        description="values over those that the signal's median period lets expect from start to end (its own first "
        "and last where open); null where nothing can be expected",
    )
    points: int = Field(ge=0, description="values; the nulls in gaps are not counted")
    t: list[str] = Field(description="UTC, milliseconds; of a null: when the value before it counts no more")
    v: list[float | None]
    min: list[float | None] | None = Field(
        default=None, description="with a level: the least of all values from this point to the next"
    )
    max: list[float | None] | None = Field(
        default=None, description="with a level: the greatest of all values from this point to the next"
    )
    sum: list[float | None] | None = Field(
        default=None,
        description="of a counter, at a level that was named: by how much it grew in each bucket, since the last value "
        "before it, across resets and rollovers",
    )
    timezone: str | None = Field(
        default=None, description="the zone whose hours or days were asked for", examples=["Europe/Berlin"]
    )


class SeriesAnswer(_Wire):
    """Series for charts, device by device; a signal that a device does not have is left out."""

    start: str | None = Field(description="first time that counts; null where open", json_schema_extra=_STAMP)
    end: str | None = Field(description="first time that counts no more; null where open", json_schema_extra=_STAMP)
    max_points: int = Field(ge=10, le=100_000, description="the most values of each series")
    series: list[SeriesInfo]


class Span(_Wire):
    """A stretch of time; of a finding with how many values lie in it and the first of them."""

    from_: str = Field(alias="from", json_schema_extra=_STAMP)
    to: str = Field(json_schema_extra=_STAMP)
    values: int | None = Field(default=None, ge=1)
    value: float | None = None


class CoverageDay(_Wire):
    """One signal on one local day, from its first stamp on and to the newest one of the device."""

    date: str = Field(description="in the device's zone", examples=["2024-05-01"])
    expected: int | None = Field(
        ge=0, description="values that the median period lets expect; null where values hold until they change"
    )
    present: int = Field(ge=0, description="values that are there; missing markers are none")
    coverage: float | None = Field(ge=0, le=1, description="present over expected; null where nothing is expected")
    first: str | None = Field(description="stamp of the first value", json_schema_extra=_STAMP)
    last: str | None = Field(description="stamp of the last value", json_schema_extra=_STAMP)
    gap_s: float = Field(ge=0, description="seconds of the day that lie in gaps")
    gaps: list[Span] = Field(description="steps longer than a value holds, cut to the day")
    omitted: int = Field(ge=0, description="spans beyond the first 50 of a kind, which are not listed")


class QualityDay(CoverageDay):
    """Coverage, and what is wrong with the values that are there. Checks of values are for measures alone."""

    replaced: int | None = Field(
        description="rows that lost against a later one of the same stamp; null: days not known"
    )
    rejected: int | None = Field(description="rows that could not be read; null where they name no day")
    out_of_range: list[Span] = Field(description="outside of what the catalogue calls valid")
    stuck: list[Span] = Field(default=[], description="one value for longer than the signal rests by habit")
    spikes: list[Span] = Field(default=[], description="single values that jump away and come back at once")
    interpolated: list[Span] = Field(default=[], description="twelve values or more on one straight line")


class CoverageSignal(_Wire):
    """One signal, day by day."""

    period_s: float | None = Field(description="median step between values; null for fewer than two")
    kept_from: str | None = Field(default=None, description=_KEPT, json_schema_extra=_STAMP)
    days: list[CoverageDay]


class Ingested(_Wire):
    """What became of the rows of the signal's files, over all time: days of exact duplicates are not kept."""

    rows: int = Field(ge=0, description="rows read")
    duplicates: int = Field(ge=0, description="the same row again, dropped")
    replaced: int = Field(ge=0, description="rows that lost against a later one of the same stamp")
    rejected: int = Field(ge=0, description="rows that could not be read")
    shared_files: int = Field(ge=0, description="files that hold other signals too; all their rows are counted here")


class QualitySignal(_Wire):
    """One signal, day by day."""

    period_s: float | None = Field(description="median step between values; null for fewer than two")
    kept_from: str | None = Field(default=None, description=_KEPT, json_schema_extra=_STAMP)
    ingest: Ingested
    days: list[QualityDay]


class _DaysBase(_Wire):
    device_id: str
    timezone: str | None = Field(description="zone of the days; UTC where null")
    next_start: str | None = Field(description="where the next page begins; null on the last", json_schema_extra=_STAMP)


class CoverageAnswer(_DaysBase):
    """Coverage of a storage unit, a page of days."""

    signals: dict[str, CoverageSignal]


class QualityAnswer(_DaysBase):
    """Quality of a device, a page of days."""

    signals: dict[str, QualitySignal]


class Alive(_Wire):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Component(_Wire):
    """One part of the server."""

    status: Literal["ready", "loading", "draining", "failed"]
    detail: str


class Health(_Wire):
    """Whether the server can answer requests, and each of its parts."""

    status: Literal["ready"]
    components: dict[str, Component]


class TakenIn(_Wire):
    """What became of posted rows."""

    accepted: int = Field(ge=1, description="rows in the request; all are kept")
    late: int = Field(ge=0, description="of these, not newer than what the topic had: they go to history alone")
    duplicates: int = Field(ge=0, description="of these, saying nothing that was not stored already")


_EVENT_EXAMPLES: dict[str, dict[str, Any]] = {
    "anomaly": {
        "device_id": "bess1", "timestamp": "2024-05-01T00:00:00.000Z", "topic": "cells", "cell": "3/17", "score": 0.998,
        "threshold": 0.995, "severity": "warning", "value": 3.214, "expected": 3.255,
        "reason": "cell 3/17: 3.214 V, 41 mV under its pack's median; the spread of all cells is 2.0 mV now",
        "detector": "cell_deviation", "false_alarms_per_week": 0.5,
        "evidence": "limit 8.0 robust standard deviations, checked against 112 blocks of 6 hours",
    },
    "forecast": {
        "device_id": "bess1", "issued_at": "2024-05-01T00:00:00.000Z", "signal": "pcs.active_power", "step_s": 900,
        "horizon": [{"timestamp": "2024-05-01T00:15:00.000Z", "median": 12.5, "lower": 4.0, "upper": 21.0}],
        "level": 0.9, "method": "ridge", "coverage_observed": 0.897, "coverage_points": 5_376,
    },
    "degradation": {
        "device_id": "bess1", "timestamp": "2024-05-01T00:00:00.000Z", "cells": 260,
        "slope_v_per_year": {"median": -0.001, "lower": -0.004, "upper": 0.002},
        "worst": [{"cell": "3/17", "slope": -0.02, "lower": -0.03, "upper": -0.01, "rank": 1}],
        "soh": {"bms": 98.0, "measured": None, "evidence": "no two anchors 40 % apart yet"},
        "equivalent_full_cycles": 6.2, "projection": [], "evidence": "6 charge events",
    },
    "alarm": {
        "device_id": "bess1", "alarm_id": "bess1.soc_low.1714521600000", "rule": "soc_low", "state": "raised",
        "severity": "info", "signal": "bms.soc", "value": 19.0, "threshold": 20.0, "since": "2024-05-01T00:00:00.000Z",
        "reason": "bms.soc 19.0 %, under 20 %",
    },
}  # fmt: skip


@cache
def event_model(name: str) -> type[BaseModel]:
    """The model of one event of the analytics. Which members it has is the method's affair; these are the least."""
    common: dict[str, Any] = {"device_id": (str, ...)}
    config = ConfigDict(extra="allow", json_schema_extra={"examples": [_EVENT_EXAMPLES[name]]})
    return create_model(f"{name.title()}Event", __config__=config, __doc__=f"One {name} event.", **common)


class EventPageBase(_Wire):
    """One page of what the analytics found, in the order of data time."""

    device_id: str
    total_records: int = Field(ge=0, description="events in the whole range")
    batch_size: int = Field(ge=1, le=10_000)
    skip: int = Field(ge=0, description="offset of the first event from the start of the range")
    analysed_until: str | None = Field(description="the history is analysed up to here", json_schema_extra=_STAMP)
    evidence: str | None = Field(description="why there may be less than expected")
    next_cursor: str | None = Field(description="continues after this page; null on the last")
    tail_cursor: str | None = Field(default=None, description="on the last page: continues when more was found")


@cache
def event_page_model(name: str) -> type[EventPageBase]:
    """The model of one page of events."""
    data: Any = (list[event_model(name)], ...)  # type: ignore[misc]
    return create_model(f"{name.title()}Page", __base__=EventPageBase, __doc__=EventPageBase.__doc__, data=data)


class AnalyticsState(_Wire):
    """What the analytics know of one device."""

    device_id: str
    analysed_until: str | None = Field(description="the history is analysed up to here", json_schema_extra=_STAMP)
    readings: int = Field(ge=0, description="readings seen so far")
    evidence: str | None = Field(description="what is missing, or why it was begun anew")
    states: dict[str, dict[str, Any]] = Field(description="what each method knows and how far it has learned, by name")
    newest: dict[str, dict[str, Any]] = Field(description="the newest event of each name")


class AckRequest(_Wire):
    """What is said with an acknowledgement."""

    by: str | None = Field(default=None, max_length=100, description="who", examples=["night shift"])
    comment: str | None = Field(default=None, max_length=1000, description="what they say to it")


class Ack(_Wire):
    """That somebody has seen an alarm."""

    at: str = Field(description="when, by the server's clock", json_schema_extra=_STAMP)
    by: str | None
    comment: str | None


class Alarm(BaseModel):
    """The newest event of an alarm."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [_EVENT_EXAMPLES["alarm"]]})

    alarm_id: str
    device_id: str
    state: Literal["raised", "cleared"]
    acknowledged: Ack | None


class AlarmList(_Wire):
    """The open alarms of all devices, oldest first."""

    alarms: list[Alarm]
    evidence: str | None = Field(description="why there may be less than expected")


def ingest_body() -> dict[str, Any]:
    """How the body of a POST to /ingest is described: the fields are those of the topic, so any name may come."""
    row = {
        "type": "object",
        "required": ["timestamp"],
        "properties": {"timestamp": {"type": "string", **_STAMP}},
        "additionalProperties": {"type": ["number", "null"]},
    }
    json = {
        "schema": {"anyOf": [row, {"type": "array", "items": row, "minItems": 1}]},
        "example": {"timestamp": "2024-05-01T00:00:00.000Z", "soc": 50.0},
    }
    content = {
        "application/json": json,
        "application/x-ndjson": {"schema": {"type": "string", "description": "one row on each line"}},
    }
    return {"requestBody": {"required": True, "content": content}}


class BlamedFeature(_Wire):
    """One value of a row that stands out."""

    feature: str
    value: float
    expected: float | None = Field(description="what is usual: the median")
    deviation: float = Field(description="how many robust spreads away, signed")
    share: float = Field(ge=0, le=1, description="share of the blame, as far as the score falls with the usual value")


class AnomalousRow(_Wire):
    """One row that stands out."""

    index: int = Field(ge=0, description="which row, counted from 0")
    timestamp: str | None = Field(default=None, description="as it was sent, or of the stored reading")
    score: float | None = Field(description="0..1, higher is stranger; null where the row could not be scored")
    reason: str = Field(examples=["voltage 3.9 (usually 3.3, 12.0 spreads above)"])
    features: list[BlamedFeature] = Field(description="the values to blame, the most first")


class Detected(_Wire):
    """What is anomalous in a table, and on what that rests."""

    battery_id: str | None = Field(default=None, description="as it was sent")
    device_id: str | None = Field(default=None, description="of a stored history")
    rows: int = Field(ge=0)
    scored: int = Field(ge=0, description="rows with values; the others have no score")
    features: list[str] = Field(description="those that vary and so were used")
    coverage: dict[str, float] = Field(description="share of the rows that have a value, by feature")
    contamination: float | Literal["auto"]
    threshold: float | None = Field(description="score from which on a row is anomalous; null where nothing was scored")
    anomalous: int = Field(ge=0, description="how many rows stand out; `anomalies` holds at most `limit` of them")
    anomalies: list[AnomalousRow] = Field(description="the highest scores first")
    scores: list[float | None] | None = Field(description="of every row, where asked for")
    method: str
    evidence: str = Field(description="on what it rests, or what is missing to say anything")


def detect_body() -> dict[str, Any]:
    """How the body of a POST to /anomalies/detect is described: the names of its features are the client's own."""
    number = {"type": ["number", "null"]}
    common = {
        "contamination": {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}, {"const": "auto"}]},
        "thresholds": {"type": "object", "additionalProperties": {"properties": {"min": number, "max": number}}},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1000},
        "scores": {"type": "boolean", "default": False},
    }
    row = {"type": "object", "properties": {"timestamp": {"type": "string"}}, "additionalProperties": number}
    rows = {"battery_id": {"type": "string"}, "data": {"type": "array", "items": row, "maxItems": 1_000_000}}
    stamp = {"type": "string", **_STAMP}
    fields = {"type": "array", "items": {"type": "string"}}
    history = {"device_id": {"type": "string"}, "start": stamp, "end": stamp, "fields": fields}
    schema = {
        "anyOf": [
            {"type": "object", "required": [key], "properties": own | common, "additionalProperties": False}
            for key, own in (("data", rows), ("device_id", history))
        ]
    }
    example = {"data": [{"voltage": 3.31, "current": -20.0}, {"voltage": 3.9, "current": -20.0}], "contamination": 0.01}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


class Index(_Wire):
    """Where everything is."""

    name: str
    version: str
    links: dict[str, str] = Field(description="paths, some with {device_id}")


class PageBase(_Wire):
    """One page of readings."""

    device_id: str
    total_records: int = Field(ge=0, description="readings in the whole range")
    batch_size: int = Field(ge=1, le=10_000)
    skip: int = Field(ge=0, description="offset of the first row from the start of the range")
    next_cursor: str | None = Field(description="continues after this page; null on the last")
    tail_cursor: str | None = Field(default=None, description="on the last page: continues when new data has come")
    kept_from: str | None = Field(
        default=None,
        description="where the range begins before it: retention dropped the rows before this instant",
        json_schema_extra=_STAMP,
    )


@cache
def reading_model(topic: str) -> type[BaseModel]:
    """The model of one reading of `topic`: the catalogue's fields, in its order.

    >>> list(reading_model("env").model_fields)
    ['timestamp', 'temperature', 'humidity', 'ages_s']
    """
    parts = BESS_TOPICS if topic == "bess" else (topic,)
    named = {
        f"{part}_{signal.field}" if topic == "bess" else signal.field: signal
        for part in parts
        for signal in catalogue()
        if signal.topic == part
    }
    stamp = Field(description="UTC, milliseconds", json_schema_extra=_STAMP)
    ages = Field(default=None, description="with ages=true: seconds since each value was observed")
    fields: dict[str, Any] = {"timestamp": (str, stamp)}
    fields |= {name: _column(signal) for name, signal in named.items()}
    fields["ages_s"] = (dict[str, float | None], ages)
    doc = f"One row of {topic}. A value that is missing is null; `fields` leaves out what is not asked for."
    return create_model(f"{topic.title()}Reading", __base__=_Wire, __doc__=doc, **fields)


def _column(signal: Signal) -> tuple[Any, Any]:
    # a reading may be served without it (`fields`), but then it is absent: the default is never sent
    kind = int if signal.kind == "flag" else float
    more: dict[str, Any] = {"unit": signal.unit, "sign": signal.sign}
    return kind | None, Field(default=None, description=signal.description, json_schema_extra=more)


@cache
def page_model(topic: str) -> type[PageBase]:
    """The model of one page of readings of `topic`."""
    reading = reading_model(topic)
    return create_model(f"{topic.title()}Page", __base__=PageBase, __doc__=PageBase.__doc__, data=(list[reading], ...))  # type: ignore[valid-type]
