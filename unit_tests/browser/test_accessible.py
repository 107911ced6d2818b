"""Nobody is left out: the rules of WCAG that a machine can check, on the full page, in both colour schemes."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from unit_tests.browser.stage import Stage
from unit_tests.browser.test_findings import alarm, anomaly
from unit_tests.browser.test_forecast import ageing, forecast

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("dark", 390)])
def test_a_full_page_breaks_no_rule(stage: Stage, scheme: Literal["light", "dark"], width: int) -> None:
    """Contrast, names, roles and order, with every panel filled and an alarm open."""
    stage.page.emulate_media(color_scheme=scheme)
    stage.page.set_viewport_size({"width": width, "height": 900})
    old = alarm("cleared", at="06:00:00", since="05:00:00", severity="critical")
    stage.found = {
        "alarms": [old, alarm(severity="warning"), alarm(since="07:10:00")],
        "anomalies": [
            anomaly(f"07:{minute}:00", severity=severity) for minute in (10, 20) for severity in ("info", "critical")
        ],
        "degradation": [ageing()],
    }
    stage.start().reading("08:00:30", bms_soc=41, pcs_active_power=-60, bms_voltage=1900)
    stage.send("forecast", forecast())
    expect(stage.page.get_by_role("button", name="Acknowledge")).to_have_count(2)
    expect(stage.page.get_by_role("region", name="Forecast", exact=True).locator("canvas")).to_be_visible()
    assert stage.page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    found = Axe().run(stage.page).response["violations"]
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in found] == []
