"""The face models."""
