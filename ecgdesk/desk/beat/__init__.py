"""The representative beat with its marks, to be looked at and set right."""
