"""ASV suites: axes and one workload each; everything else is inherited."""
