"""In which order the start-ups of a sweep come, and which are still to come."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.core.records import SetUp
from harness.running.executors import REGISTRY, lookup
from harness.running.measure.sweep.ledger import Ledger
from harness.running.measure.sweep.round_runner import seeded


class BlockOrder:
    """The order of set-ups of *ledger*'s plan in each block.

    Parameters
    ----------
    ledger : Ledger
    turn : sequence of SetUp
        Those that are measured together.
    refined : bool
        Whether the last block is refined.
    """

    def __init__(self, ledger: Ledger, turn: Sequence[SetUp], *, refined: bool) -> None:
        self.ledger, self.turn, self.refined = ledger, turn, refined
        profile = ledger.plan.profile
        self.blocks = profile.rounds_of_blocks
        self.first_look = profile.looks[0] if profile.looks else math.inf
        self.has_budget = profile.budget_seconds is not None

    def is_last(self, number: int) -> bool:
        """Whether block *number* is the one that is refined."""
        return self.refined and number == len(self.blocks) - 1

    def set_ups(self, number: int) -> list[SetUp]:
        """The set-ups of block *number* in random order (rule 12), but for two blocks."""
        plan = self.ledger.plan
        set_ups = list(self.turn)
        if plan.in_order and number == 0:
            return set_ups
        seeded(self.ledger.info, "set-ups", number).shuffle(set_ups)
        if self.is_last(number):
            # Serve single-chunk set-ups first, so that the others keep the remaining time for
            # refining.
            set_ups.sort(key=self._has_several_chunks)
        elif number == 0 and self.has_budget:
            # Learn first what those take that may have dear cases; and leave what takes long to
            # start for last, so that a budget that does not last for all is spent on results.
            set_ups.sort(
                key=lambda set_up: (_starts_servers(set_up), not self._has_several_chunks(set_up))
            )
        return set_ups

    def of_later_blocks(self, number: int) -> list[SetUp]:
        """The start-ups after block *number*, as far as they are planned to the clock, one for
        each: those of set-ups with a case that goes on."""
        blocks = sum(rounds.start < self.first_look for rounds in self.blocks[number + 1 :])
        plan, histories = self.ledger.plan, self.ledger.histories
        going = [
            set_up
            for set_up in self.turn
            if not all(histories[case].ended for case in plan.cases_of(set_up))
            and not self.ledger.is_hopeless(set_up)
        ]
        return going * blocks

    def _has_several_chunks(self, set_up: SetUp) -> bool:
        """Whether some group of *set_up* is measured at more than one chunk."""
        plan = self.ledger.plan
        chunks = {
            (case.group, case.chunk) for case in plan.cases_of(set_up) if case not in plan.refused
        }
        return len(chunks) > len({group for group, _ in chunks})


def _starts_servers(set_up: SetUp) -> bool:
    known = set_up.executor in REGISTRY.names()
    return known and lookup(set_up.executor).kind == "cluster"
