"""The machine that measures: its cores, its thread pins, the batch job around it."""
