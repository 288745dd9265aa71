"""The domain's types. No algorithms, no I/O but the catalogue of statements."""
