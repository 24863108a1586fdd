"""``motcua trust``: judge, propose, sign and install trust; look at it; update it; publish it.

What comes in: files, key files and passphrases. What goes out: tables on standard output, JSON where it was asked for,
a change file for the next operator. Everything that counts is done by ``auth.distribution``.
"""
