"""The many-or-few-chunks exercise and one sweep over a cluster, as ASV's documentation shows."""

import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster

SIZE = 10_000_000


class Exercise:
    """The exercise's three examples."""

    def time_many_chunks(self):
        da.random.random(SIZE, chunks=1_000).sum().compute()

    def time_few_chunks(self):
        da.random.random(SIZE, chunks=100_000).sum().compute()

    def time_as_written(self):
        np.random.random(SIZE).sum()


class Same:
    """One kernel under two names, with the generator that Dask uses: an A/A pair."""

    def time_numpy(self):
        np.random.default_rng().random(SIZE).sum()

    def time_numpy_again(self):
        np.random.default_rng().random(SIZE).sum()


class Cluster:
    """The same sum on a cluster of processes, over three chunk sizes."""

    params = [100_000, 1_000_000, 10_000_000]
    param_names = ["chunk"]

    def setup(self, chunk):
        self.cluster = LocalCluster(processes=True, threads_per_worker=1, dashboard_address=":0")
        self.client = Client(self.cluster)

    def teardown(self, chunk):
        self.client.close()
        self.cluster.close()

    def time_sum(self, chunk):
        da.random.random(SIZE, chunks=chunk).sum().compute()
