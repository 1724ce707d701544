"""Other Pythons that the children of a block may run on: look into one, or have one built."""
