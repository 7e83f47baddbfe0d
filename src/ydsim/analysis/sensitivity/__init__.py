"""What moves an outcome of a sweep: drivers in order, with intervals, by the design of the sweep."""
