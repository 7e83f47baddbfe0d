"""Text to nodes: YAML with file, line and column, `extends` and `--set`."""
