"""What people see: the desk window over the view models of ``desk``.

What comes in: a ``DeskControls`` and its frozen ``DeskView`` objects. What goes out: a clerk's intents. PySide6 lives
here and nowhere else; may call ``desk`` and the value types below it. No widget holds logic: it presents a view and
emits intents.
"""
