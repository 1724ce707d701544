"""How much a duel measures where nothing else is asked."""

PAIRS, ROUNDS = 8, 4
"""Of start-ups, and rounds of each start-up: what the figures of false alarms rest on."""
