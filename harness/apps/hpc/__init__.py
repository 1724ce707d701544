"""Write job scripts for batch systems that a user can read and change, and submit them."""
