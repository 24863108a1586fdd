"""Software ID cards: chip, personas, issuing PKI, forgeries and faults, and a way onto PC/SC.

Written from the card's side of ISO 7816, ICAO 9303 and BSI TR-03110, and free of everything in ``reader`` but
``iso7816``, ``crypto`` and the error tree, so that an error in the reader cannot hide here.
"""
