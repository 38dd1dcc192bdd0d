"""The crowd side's own database: minute aggregates and nothing else."""
