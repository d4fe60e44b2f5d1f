"""What follows from the current: magnetisation, stray field, Hall response."""
