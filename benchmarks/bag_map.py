"""Does a bag of Python objects pay?"""

from harness.suite import _by_work, _Suite, _sweep


class _Bag(_Suite):
    share = 0.0225
    whole = False
    long_profiles_only = ("dask-threads",)
    axes = {
        "executor": (
            "serial-replay",
            "dask-threads",
            "dask-processes",
            "dask-distributed-processes",
        ),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1_000, 5_000, 100_000),
    }


class BagMap(_Bag):
    """Double every item of a bag."""

    workload = "bag-map"


class BagFilter(_Bag):
    """Keep the even items of a bag."""

    workload = "bag-filter"


class BagFold(_Bag):
    """Fold a bag into its sum."""

    workload = "bag-fold"


class BagGroupby(_Bag):
    """Group the items of a bag by their last digit."""

    workload = "bag-groupby"


class _WorkedBagMap(_Suite):
    """Double every item of a bag."""

    share = 0.015
    whole = False
    long_profiles_only = ("dask-threads",)
    axes = {
        "executor": ("dask-threads", "dask-processes", "dask-distributed-processes"),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (1, 10, 100, 1_000, "size / cores"),
    }


vars().update(_by_work(_WorkedBagMap, "bag-map"))


def setup_cache():
    return _sweep(__name__)
