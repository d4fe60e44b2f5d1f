"""What the engines hand out: values with their errors, status and provenance."""
