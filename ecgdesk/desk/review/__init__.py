"""The panels at the right of the window: patient, findings, measurements, doubts, signature."""
