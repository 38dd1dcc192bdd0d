"""Error rates after ISO/IEC 19795-1; pure."""
