"""Command line, explorer and pictures: the only place that may import matplotlib."""
