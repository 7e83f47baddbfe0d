"""Submodels as a stranger writes them who has read docs/odd.md and nothing else.

Plain Python: numbers, lists and loops, in the symbols of the page. No file here knows the code, and
each was written before its author had opened the source of the rule.
"""
