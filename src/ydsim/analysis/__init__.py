"""Work on finished runs and fits of the model to data."""
