"""What a duel says: differences of paired start-ups, and how often such a rule is wrong."""
