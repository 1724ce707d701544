"""Do native threads matter, and what does it cost to have too many of them?"""

from harness.suite import _Suite, _sweep


class _Pins(_Suite):
    share = 0.0675
    every_worker_count = True
    long_profiles_only = ("thread-pool", "dask-distributed-processes")


class BlasProduct(_Pins):
    """Multiply a matrix in blocks, by native threads in every worker."""

    workload = "blas-product"
    axes = {
        "executor": ("dask-threads", "thread-pool", "dask-distributed-processes"),
        "workers": (1, "cores", "2 x cores"),
        "pin": ("1", "cores", "default"),
        "chunk": (256**2, 2_048**2),
    }


class RandomReduction(_Pins):
    """Reduce a random array, which has no use for native threads."""

    workload = "random-reduction"
    whole = False
    axes = {
        **BlasProduct.axes,
        "executor": ("dask-threads",),  # a control of the pins: one engine shows that none matters
        "chunk": (5 * 100**2, 5 * 1_000**2),
    }


def setup_cache():
    return _sweep(__name__)
