"""Δ(r) and U(r) in the plane: the equations of a wall with p = ±j/r."""
