"""How trust reaches a desk: an import that two people sign, or a TUF repository over a web server or a USB stick.

What comes in: certificates, revocation lists, master and deviation lists, register keys and policies, as files or from
a repository. What goes out: an installed store that ``reader.trust`` opens, with a history that can be gone back in.
"""
