"""The whole HTTP surface: one file a resource."""

from routers import (
    alarms,
    analytics,
    auxiliary,
    bess,
    bms,
    dashboard,
    devices,
    docs,
    env,
    health,
    ingest,
    meters,
    pcs,
    root,
    safety,
    series,
    signals,
    stream,
)

#: In the order in which the documentation shows them.
ROUTERS = (
    devices.router,
    signals.router,
    bms.router,
    pcs.router,
    meters.router,
    auxiliary.router,
    env.router,
    safety.router,
    bess.router,
    series.router,
    stream.router,
    analytics.router,
    alarms.router,
    ingest.router,
    health.router,
    root.router,
    dashboard.router,
    docs.router,
)
