"""What knows both halves: measures, then reads what was measured."""
