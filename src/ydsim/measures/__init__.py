"""Pure functions of arrays: groups, diffusion."""
