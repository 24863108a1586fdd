"""The installed trust store as a desk reads it: an index sealed by its digest, and parts that the index vouches for.

In comes material that was judged already; out come two files, and from them the same material again, without reading a
certificate or verifying a signature anew. Nothing here decides what may be installed.
"""

from reader.trust.store.building import StoreContents, StoredFile, build_store
from reader.trust.store.opening import INDEX, PARTS, OpenedStore, open_store

__all__ = ["INDEX", "PARTS", "OpenedStore", "StoreContents", "StoredFile", "build_store", "open_store"]
