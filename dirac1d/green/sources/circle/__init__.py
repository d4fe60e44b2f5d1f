"""U(r) in the plane: one radial Riccati equation for each angular momentum, rotated locally."""
