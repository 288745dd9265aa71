"""From a file to a straightened, understood Page."""
