"""What anybody would try first: each gives a score a row, higher is odder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from river.anomaly import HalfSpaceTrees
from river.preprocessing import MinMaxScaler
from sklearn.ensemble import IsolationForest

from bench.labelled import LEARNING, Labelled
from bessline.sources.base import Float64

PARAMETERS: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("baselines.yaml").read_text())


def random_score(series: Labelled) -> Float64:
    """Noise."""
    return np.random.default_rng(1).random(len(series.value))


def rolling_z(series: Labelled) -> Float64:
    """Distance to the mean of the rows before, over their standard deviation."""
    past = pd.Series(series.value).shift().rolling(PARAMETERS["rolling_z"]["rows"], min_periods=16)
    spread = past.std().clip(lower=1e-9)
    apart: Float64 = np.nan_to_num(np.abs(series.value - past.mean().to_numpy()) / spread.to_numpy())
    return apart


def seasonal_naive(series: Labelled) -> Float64:
    """Distance to the value a day before."""
    rows = round(PARAMETERS["seasonal_naive"]["hours"] * 3600 / series.period_s)
    before = np.r_[np.full(rows, np.nan), series.value[:-rows]]
    apart: Float64 = np.nan_to_num(np.abs(series.value - before))
    return apart


def _windows(series: Labelled, lags: int) -> Float64:
    padded = np.r_[np.full(lags - 1, series.value[0]), series.value]
    windows: Float64 = np.lib.stride_tricks.sliding_window_view(padded, lags)
    return windows


def half_space_trees(series: Labelled, *, seed: int) -> Float64:
    """river's, a row at a time, scored before it is learned."""
    given = {key: value for key, value in PARAMETERS["half_space_trees"].items() if key not in ("lags", "seeds")}
    trees: Any = HalfSpaceTrees(**given, seed=seed)
    scaler: Any = MinMaxScaler()
    scores = []
    for window in _windows(series, PARAMETERS["half_space_trees"]["lags"]).tolist():
        row = dict(enumerate(window))
        scaler.learn_one(row)
        row = scaler.transform_one(row)
        scores.append(trees.score_one(row))
        trees.learn_one(row)
    return np.array(scores)


def isolation_forest(series: Labelled) -> Float64:
    """scikit-learn's, trained on the rows that are not judged."""
    given = PARAMETERS["isolation_forest"]
    windows = _windows(series, given["lags"])
    forest = IsolationForest(n_estimators=given["n_estimators"], random_state=given["seed"])
    forest.fit(windows[: int(LEARNING * len(windows))])
    return -np.asarray(forest.score_samples(windows), dtype=np.float64)
