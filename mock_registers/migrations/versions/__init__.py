"""One file a revision, oldest first: ``r0001_…``; each names the one before it."""
