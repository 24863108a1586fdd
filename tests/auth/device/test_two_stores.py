"""A token that two stores of one program have open, as where a desk goes over to new keys."""

from __future__ import annotations

from collections.abc import Callable

from auth.device.keys import KeyStore, KeyUse


def test_a_store_that_closes_takes_nothing_from_the_other(token_store: Callable[..., KeyStore]) -> None:
    first, second = token_store(), token_store()
    key = first.create(KeyUse.SIGNING)
    signers = [store.signer(key.key_id) for store in (first, second)]
    assert all(len(signer.sign(b"before")) == 64 for signer in signers)
    first.close()
    assert len(signers[1].sign(b"after")) == 64
    assert len(second.signer(key.key_id).sign(b"after")) == 64
    second.destroy(key.key_id)
