"""Finished frames to what people read: tables, figures and plain words."""
