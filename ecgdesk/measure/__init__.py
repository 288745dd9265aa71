"""From a Recording to Measurements."""
