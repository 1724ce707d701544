"""The harness tested on itself: sweeps on a fake clock whose truth is planted."""
