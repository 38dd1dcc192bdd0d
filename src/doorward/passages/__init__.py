"""Who passed which checkpoint, and when; short-lived."""
