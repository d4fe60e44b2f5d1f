"""Δ(x) and U(x) between leads or hard walls: both signs of p, since no rotation removes one."""
