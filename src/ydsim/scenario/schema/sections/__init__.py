"""The sections of the parameters of the rules."""
