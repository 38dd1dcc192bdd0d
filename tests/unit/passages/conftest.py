"""The house that tests of this folder ask for."""

from houses import house as house
