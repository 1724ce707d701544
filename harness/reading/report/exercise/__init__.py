"""The many-or-few-chunks exercise, answered from the tables of one run."""
