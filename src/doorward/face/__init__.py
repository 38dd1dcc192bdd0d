"""Pure biometrics: sample, quality, template, comparison, thresholds, decision."""
