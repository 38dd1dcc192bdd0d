"""Benchmarks beside the alternatives, as ratios of one run."""
