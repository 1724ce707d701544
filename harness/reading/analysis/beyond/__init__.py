"""What reaches beyond what was measured here: forecasts, and the figures of others."""
