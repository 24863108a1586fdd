"""An inspection: one chip read in the right order, judged by named checks, and decided upon by a written policy.

In come a link to a card that was just reset and an ``InspectionRequest``; out comes an ``Inspection``, or an error of
the tree where no report can be made. ``procedure`` reads, ``verifying`` works beside it on another thread, ``judging``
makes checks of what was found, ``policy`` makes a decision of the checks. It may call every other room of ``reader``.
The modules are imported by name, so that whoever needs only the values does not load the whole reader.
"""
