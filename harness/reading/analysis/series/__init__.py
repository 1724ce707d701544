"""Figures run after run, and where they change their level."""
