"""Identity documents with a machine-readable zone: what the zone says, and what its check digits prove."""
