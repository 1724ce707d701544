"""What batch systems booked for jobs. ``listings`` reads the texts that they print.

Nothing is imported here: the records of jobs are read with all results, the listings with few.
"""
