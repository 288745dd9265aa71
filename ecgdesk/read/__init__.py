"""From evidence to a Reading, by one of several readers."""
