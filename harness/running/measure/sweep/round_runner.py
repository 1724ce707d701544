"""One round of a block: its cases once each, in an order that the run's seed decides (rule 12)."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.core.records import Case, Group, Purpose, RunInfo, SetUp
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.budget import Budget
from harness.running.measure.sweep.ledger import Ledger
from harness.running.measure.sweep.ports import First, Progress, Station


@dataclass(frozen=True)
class OpenBlock:
    """A start-up that is up: its station and what it serves.

    Attributes
    ----------
    warmed : set of Case
        Cases that its engine has run; grows while it is open.
    """

    station: Station
    set_up: SetUp
    groups: Sequence[Group]
    number: int
    warmed: set[Case] = field(default_factory=set)


def seeded(info: RunInfo, *key: object) -> random.Random:
    """The random numbers of one purpose of a run, the same whenever it is resumed."""
    return random.Random(f"{info.seed} {key}")


@dataclass(frozen=True)
class RoundRunner:
    """Measures rounds, writes them down, and tells of progress after every pair."""

    ledger: Ledger
    budget: Budget
    report: Callable[[Progress], None] | None

    def measure(
        self,
        block: OpenBlock,
        cases: list[Case],
        number: int,
        purposes: Mapping[Case, Purpose] | None = None,
    ) -> bool:
        """Measure *cases* once each as round *number*; whether the block's engine still lives.

        *cases* are shuffled in place. A case with one of *purposes* is measured beyond the grid.
        """
        ledger, clock = self.ledger, self.budget.clock
        order = seeded(ledger.info, "order", block.set_up, number)
        order.shuffle(cases)
        for case in cases:
            first: First = order.choice(("parallel", "serial"))
            purpose = (purposes or {}).get(case)
            began = clock()
            try:
                with self.budget.measuring(), ledger.tries.first(case, "first round"):
                    pair = block.station.pair(case, number, first, order.getrandbits(48))
            except CaseError as error:
                ledger.give_up(case, error.status, error.reason, block.number, number, purpose)
                if error.dead:
                    return False
                continue
            pair = pair.model_copy(update={"purpose": purpose})
            ledger.write(pair)
            ledger.paces[case] = clock() - began
            ledger.take_in(pair)
            self.tell(block, case)
        return True

    def tell(self, block: OpenBlock, case: Case) -> None:
        """Report progress, with *case* as the one that is measured now, where someone listens."""
        if self.report is None:
            return
        done, planned = self.ledger.done_and_planned()
        why = self.ledger.histories[case].why
        label = case.label if why is None else f"{case.label}, added since {why}"
        left = self.budget.left()
        budget_left = max(left, 0.0) if math.isfinite(left) else None
        self.report(Progress(done, planned, label, block.station.link, budget_left=budget_left))
