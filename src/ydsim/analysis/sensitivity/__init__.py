"""What moves an outcome of a sweep: drivers in order, with intervals, by its design."""
