"""Electrons that meet U(x) alone: the Riccati equation of one reflection variable, panel by panel."""
