"""A traced call cut into parts that add up."""
