"""Quadrature, sampling, Cauchy transforms, files and checks: no physics."""
