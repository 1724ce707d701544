"""What users ask for: each app measures by the running half, and judges by the reading half."""
