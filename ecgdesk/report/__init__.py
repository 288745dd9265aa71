"""From a Case to its PDF, its signature and its exchange files."""
