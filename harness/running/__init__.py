"""The running half: it runs engines and writes journals."""
