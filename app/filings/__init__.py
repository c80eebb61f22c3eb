"""The case engine: cases from draft to end, for all services alike."""
