"""The whole HTTP surface: one file a resource."""

from routers import (
    auxiliary,
    bess,
    bms,
    dashboard,
    devices,
    docs,
    env,
    health,
    meters,
    pcs,
    root,
    safety,
    signals,
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
    health.router,
    root.router,
    dashboard.router,
    docs.router,
)
