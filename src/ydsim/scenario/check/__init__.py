"""What is wrong with a scenario, in words, with file, line and the nearest name."""
