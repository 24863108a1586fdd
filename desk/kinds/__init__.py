"""The kinds of registers that come with the desk, and how the installed ones are found.

What comes in: a register's record. What goes out: ``desk.register_kind.RegisterKind`` values, which say how it is
asked, compared and shown. A kind may call ``desk.cells`` and ``desk.holders``; nothing here knows a wire or a thread.
"""
