"""Write tables in each format that people or programs read."""
