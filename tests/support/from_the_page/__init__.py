"""Submodels as a stranger writes them who has read docs/odd.md and nothing else.

Plain Python: numbers, lists and loops, in the symbols of the page. Each file was written before its
author had opened the source of the rule. Where it then differed from the code, what the page says
was found unclear or wrong and was mended, and the file followed the page.
"""
