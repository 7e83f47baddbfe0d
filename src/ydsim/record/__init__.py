"""What is observed each quarter, as arrays and tables."""
