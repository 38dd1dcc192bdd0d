"""Telling other systems: a broker, a web address, a command. What is told names nobody."""
