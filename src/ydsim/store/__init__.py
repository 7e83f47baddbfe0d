"""The results folder on disk: parts with checksums, receipts, the manifest, locks."""
