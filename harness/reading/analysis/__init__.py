"""From tidy frames to conclusions: pure functions, parameters first, frame in, frame out."""
