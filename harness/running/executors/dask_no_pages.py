"""A preload of Dask's scheduler and workers: stop their HTTP servers.

These tell any user of the machine who asks what is computed and where. Dask has no option that
leaves them out; a preload is called once they listen.
"""

from __future__ import annotations

from typing import Any


def dask_setup(server: Any) -> None:
    """Stop the HTTP server of *server*, a scheduler or a worker."""
    server.http_server.stop()
