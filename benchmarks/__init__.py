"""What is measured: one file a figure, each with ``figures() -> list[Figure]``; ``make bench [ONLY=name]`` runs them.

Counts are exact, times are medians of several runs and stand beside a goal; nothing here is a test.
"""
