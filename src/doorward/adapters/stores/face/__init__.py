"""data.db: people, consents, enrolments, checkpoints, passages and the audit trail, sealed row by row."""
