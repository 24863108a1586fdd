"""The desk's words as plain tables, Vietnamese beside English, served by ``desk.texts`` and ``desk.failures``.

What comes in: nothing. What goes out: constants. Calls nobody; ``tests/desk`` walks the tables for gaps.
"""
