"""The demonstration: the house used through its public doors only."""
