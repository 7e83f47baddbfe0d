"""The place in which a simulation happens: packaged data, their loader, inputs and priors."""
