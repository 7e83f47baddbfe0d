"""Programs that make pages of the documentation from the code and from runs."""
