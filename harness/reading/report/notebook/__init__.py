"""What a notebook gets: tables as pandas frames, and figures that are returned."""
