"""The parts of a call's time under names that need no explanation."""

from __future__ import annotations

PART_NAMES = {
    "ideal": "the work, evenly shared",
    "ceiling": "cores slow each other",
    "chunking": "cutting into chunks",
    "scheduling": "the scheduler",
    "imbalance": "a last wave not full",
    "remainder": "not told apart",
    "time": "the whole call",
}
"""Part of ``schema.CONTROLS``, and the whole, to the name that figures and pages show."""
