"""How much a duel measures, and how sure it is to be, where nothing else is asked."""

PAIRS, ROUNDS = 8, 4
"""Of start-ups, and rounds of each start-up: what the figures of false alarms rest on."""
MOST_FALSE_ALARMS = 0.05
"""Of a whole duel, where the sides are equal."""
