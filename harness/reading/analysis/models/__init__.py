"""Formulas fitted to what was measured: overhead model, controls, scaling laws."""
