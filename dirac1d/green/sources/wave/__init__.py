"""A periodic U(x): the fixed points of the Riccati map of one period, as Fourier series."""
