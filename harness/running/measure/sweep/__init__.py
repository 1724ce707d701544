"""A sweep from its plan to its journal: rounds, looks, budget, refining."""
