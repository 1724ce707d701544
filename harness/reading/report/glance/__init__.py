"""A machine at a glance: from where on each workload pays on each executor, in plain words."""
