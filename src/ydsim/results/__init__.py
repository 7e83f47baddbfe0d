"""Results read back: tables, tidy rows, summaries, queries, the state of a folder."""
