"""The reading half: it reads journals, judges and reports; no engine is needed."""
