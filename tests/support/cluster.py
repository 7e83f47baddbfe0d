"""A Dask cluster on loopback for tests, as a user would have one."""

import logging
from contextlib import contextmanager


@contextmanager
def cluster(workers=2, **settings):
    import dask.config
    import distributed

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            **settings,
        ) as found,
    ):
        yield found
