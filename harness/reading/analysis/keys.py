"""The columns by which rows belong together: of one case, one group, one set-up, one run.

Every other module takes its key lists from here, so that the order of the values in a key is the
same everywhere.
"""

from __future__ import annotations

from harness.core import schema

PROVENANCE = [column.name for column in schema.PROVENANCE]
"""Where a row comes from: machine, run, commit, suite, profile."""

RUN = ["run"]
"""One run: one journal."""

GROUP_ON_ANY_RUN = [column.name for column in schema.GROUP]
CASE_ON_ANY_RUN = [column.name for column in schema.CASE]
GROUP = [*RUN, *GROUP_ON_ANY_RUN]
"""The cases of one run that differ in the chunk alone."""

CASE = [*RUN, *CASE_ON_ANY_RUN]
"""One case of one run."""

OF_GROUP = list(dict.fromkeys((*PROVENANCE, *GROUP)))
"""What a row says of the group that it is about."""

SET_UP = ["executor", "workers", "pin"]
"""What is started for a case: an executor with its workers and its pin."""

WORKER_SERIES = [name for name in CASE if name != "workers"]
"""The cases of one scaling curve: they differ in the number of workers alone."""

GROUP_WORKER_SERIES = [name for name in GROUP if name != "workers"]
"""The groups that may be fitted together: they differ in the number of workers alone."""

PIN_SERIES = [name for name in CASE if name != "pin"]
"""The cases that differ in the pin alone."""

SERIES_OF_RUNS = ["machine", "suite", "profile", *CASE_ON_ANY_RUN, "figure"]
"""One figure from run to run."""
