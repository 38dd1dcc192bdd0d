"""The tamper-evident log of who looked at whom, and why."""
