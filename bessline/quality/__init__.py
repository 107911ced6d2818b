"""What can be wrong with recorded values: missing, stale, out of range, spikes, interpolated. One file a check.

The checks follow pecos (missing, duplicate, range, stagnant, increment) and pvanalytics (stale, interpolated,
outliers); they are functions of arrays and know no store. `report` walks a store with them, day by day.
"""
