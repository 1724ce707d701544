"""Works of the kind that people ask about, and how they would time them by hand."""
