"""Mending a sheet by hand: its corners, its boxes, a stretch of its trace."""
