"""Shares at the ends of a flow."""

MESSAGES = {"flow.share": "{percent}\u00a0%", "flow.little": "<1\u00a0%"}
