"""Who is known: person, consent, enrolment, erasure."""
