"""Scheduler accounting text -> records; one file per source."""
