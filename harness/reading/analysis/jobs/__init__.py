"""What batch systems booked for a job, beside what it measured."""
