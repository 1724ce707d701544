"""The plain suite."""
