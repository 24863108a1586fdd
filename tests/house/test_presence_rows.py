"""Each attack and pitfall of the proof of presence is named with the test that shows it; faults: test_fault_rows.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]

ATTACKS, CATALOGUE = "auth/presence/test_attacks.py", "auth/presence/test_fault_catalogue.py"
SIGNATURES, EVIDENCE, BOOKLETS = (f"auth/presence/test_{name}.py" for name in ("signatures", "evidence", "booklets"))
END_TO_END, DOCUMENTS, PRIMITIVES = (
    f"auth/presence/test_{name}.py" for name in ("end_to_end", "documents", "primitives")
)
ACTIVE, KEYS, STEP = "reader/genuine/test_active.py", "reader/trust/test_keys.py", "e2e/test_presence_step.py"
WHOSE, RELAYING, NAMES = (f"auth/presence/test_{name}.py" for name in ("whose_card", "relaying", "names"))
REGISTERS = "mock_registers/test_presence_judge.py"
VISIT, PCSC, WAITING = "e2e/test_presence_visit.py", "pcsc/test_presence.py", "auth/presence/test_waiting.py"

# The attack analysis that fixes the design, by its numbers.
ATTACKS_SHOWN: dict[str, tuple[tuple[str, str], ...]] = {
    "1 grinding with harvested signatures": (
        (ATTACKS, "test_a_request_chosen_after_the_nonce_could_be_ground_to_a_signature_that_was_harvested"),
        (ATTACKS, "test_here_the_request_is_fixed_before_the_nonce_is_drawn"),
    ),
    "2 second preimage on 64 bits": (
        (ATTACKS, "test_another_request_needs_another_challenge_and_the_old_one_is_bound_to_all_of_its_own"),
        (SIGNATURES, "test_signatures_of_an_earlier_challenge_are_of_no_use"),
    ),
    "3 collision of two requests": (
        (ATTACKS, "test_another_request_needs_another_challenge_and_the_old_one_is_bound_to_all_of_its_own"),
        (PRIMITIVES, "test_a_commitment_covers_what_was_committed_to_and_nothing_else"),
    ),
    "4 signing trap": (
        (ATTACKS, "test_what_the_chip_signs_is_a_hash_of_our_own_token_and_no_message_of_anybody"),
        (ATTACKS, "test_by_default_the_chip_leaves_nothing_that_can_be_passed_on"),
        (END_TO_END, "test_a_challenge_that_is_not_ours_never_reaches_the_card"),
        (BOOKLETS, "test_a_page_is_no_challenge_and_a_challenge_is_no_page"),
    ),
    "5 relay": (
        (ATTACKS, "test_no_level_says_that_the_citizen_was_here"),
        (CATALOGUE, "test_an_answer_that_was_slow_is_said_to_have_been"),
    ),
    "6 pre-play": (
        (ATTACKS, "test_a_challenge_cannot_be_answered_before_it_is_given"),
        (CATALOGUE, "test_an_answer_comes_in_time"),
        (BOOKLETS, "test_a_page_proves_what_was_bound_beforehand_and_says_what_that_leaves_open"),
    ),
    "7 clone with keys of its own": (
        (ATTACKS, "test_no_challenge_is_given_to_a_clone_with_keys_of_its_own"),
        (DOCUMENTS, "test_no_challenge_for_a_document_that_nobody_vouches_for"),
        (END_TO_END, "test_a_clone_answers_in_vain"),
    ),
    "8 foreign issuer": (
        (DOCUMENTS, "test_cards_of_other_countries_are_not_known_here"),
        (CATALOGUE, "test_a_card_of_another_state_is_refused"),
    ),
    "9 invalid curve": ((ATTACKS, "test_a_chip_key_that_is_no_point_of_its_curve_is_never_agreed_with"),),
    "10 forged MAC": (
        (ATTACKS, "test_a_mac_can_be_guessed_once_for_each_challenge"),
        (PRIMITIVES, "test_no_bytes_are_an_answer_by_chance"),
        (END_TO_END, "test_an_answer_that_was_touched_on_the_way_proves_nothing"),
    ),
}

# The pitfalls of verifying Active Authentication, in their order.
PITFALLS: dict[str, tuple[tuple[str, str], ...]] = {
    "header, trailer, M1, length, range and size of RSA": (
        (SIGNATURES, "test_header_trailer_and_hash_are_those_of_the_standard"),
        (SIGNATURES, "test_a_padded_header_is_refused"),
        (SIGNATURES, "test_the_signature_is_as_long_as_the_modulus"),
        (SIGNATURES, "test_trivial_numbers_are_refused"),
        (SIGNATURES, "test_a_key_of_1024_bits_with_sha1_is_said_to_be_weak"),
        (ACTIVE, "test_every_trailer_of_iso_9796_2_is_understood"),
        (ACTIVE, "test_rsa_keys_below_1024_bits_are_refused"),
        (KEYS, "test_rsa_numbers_that_nobody_issues_are_refused"),
    ),
    "the smaller of s and n − s": ((SIGNATURES, "test_the_smaller_of_number_and_complement_is_taken"),),
    "SHA-1 trailer": ((SIGNATURES, "test_a_sha1_trailer_costs_a_level"),),
    "plain ECDSA, hash named by DG14, DER as a deviation": (
        (SIGNATURES, "test_a_dg14_that_names_no_hash_means_sha256_on_a_curve_that_is_long_enough"),
        (ACTIVE, "test_plain_ecdsa_passes_and_der_is_noted"),
        (ACTIVE, "test_the_hash_is_the_one_dg14_names"),
        (END_TO_END, "test_the_chip_signs_the_transcript"),
    ),
    "challenge of eight bytes, unpredictable, once, never the desk's": (
        (SIGNATURES, "test_the_challenges_are_pieces_of_a_transcript_that_only_the_token_decides"),
        (SIGNATURES, "test_each_signature_is_over_its_own_piece_of_the_transcript"),
        (SIGNATURES, "test_what_the_chip_did_not_sign_now_is_refused"),
        (ATTACKS, "test_here_the_request_is_fixed_before_the_nonce_is_drawn"),
    ),
    "explicit EC parameters in DG15": ((KEYS, "test_named_and_explicit_parameters_are_the_same_key"),),
    "long answers, Le, slow chips": (
        (SIGNATURES, "test_a_chip_that_does_not_sign_is_an_error_of_the_card"),
        (ACTIVE, "test_an_answer_cut_short_is_asked_for_again_with_another_challenge"),
        (WAITING, "test_the_card_is_kept_awake_and_can_prove_itself_afterwards"),
    ),
}

# What else the point on card presence asks for.
POINT: dict[str, tuple[tuple[str, str], ...]] = {
    "one round trip and three commands": (
        (STEP, "test_a_chip_that_repeats_the_agreement_proves_itself_in_one_round_trip_and_three_commands"),
    ),
    "one tap serves all registers": (
        (VISIT, "test_one_tap_shows_the_chip_to_every_register_that_is_asked"),
        (END_TO_END, "test_the_register_that_did_not_ask_takes_the_receipt_of_the_one_that_did"),
    ),
    "both kinds of chip, also over PC/SC": (
        (STEP, "test_a_chip_that_refuses_to_repeat_it_is_reset_opened_anew_and_asked_first"),
        (PCSC, "test_both_kinds_of_chip_prove_themselves_over_pcsc"),
    ),
    "two calls of Active Authentication, four for evidence": (
        (STEP, "test_a_chip_that_only_signs_signs_twice"),
        (CATALOGUE, "test_p11_where_a_statute_asks_for_it_the_chip_signs_all_of_the_transcript"),
    ),
    "afterwards the desk has no channel": ((END_TO_END, "test_afterwards_the_desk_has_no_channel"),),
    "kept awake, given up, once more with the same commitment": (
        (WAITING, "test_a_verifier_that_says_nothing_is_given_up"),
        (STEP, "test_a_verifier_that_was_too_slow_is_asked_once_more_for_the_same_commitment_in_a_fresh_session"),
    ),
    "offline booklets": (
        (STEP, "test_the_chip_signs_a_page"),
        (STEP, "test_a_chip_that_only_agrees_stays_at_the_devices_word"),
        (STEP, "test_an_exhausted_booklet_says_so"),
        (BOOKLETS, "test_a_page_expires_after_seven_days"),
        (BOOKLETS, "test_a_counter_that_does_not_go_up_tells_of_a_computer_that_was_put_back"),
        (BOOKLETS, "test_a_booklet_put_back_to_an_earlier_copy_is_noticed"),
    ),
    "a genuine chip and another person's request": (
        (CATALOGUE, "test_the_card_is_the_persons_that_is_asked_about"),
        (WHOSE, "test_a_proof_without_the_person_is_worth_the_devices_word_and_says_so"),
        (WHOSE, "test_nor_is_a_page_of_a_booklet_worth_more"),
        (WHOSE, "test_an_auditor_is_told_whether_the_card_was_the_persons"),
        (WHOSE, "test_a_card_of_somebody_else_is_refused"),
        (REGISTERS, "test_ones_own_card_opens_nobody_elses_record"),
        (REGISTERS, "test_a_proof_by_itself_is_about_whom_its_request_names"),
    ),
    "not in the list of lost and cancelled cards": (
        (CATALOGUE, "test_a_lost_card_is_refused"),
        (REGISTERS, "test_a_card_that_the_population_register_has_ended_is_no_presence"),
    ),
    "the command relayed verbatim is the one that the target names": (
        (RELAYING, "test_a_verifier_reads_nothing_else_of_the_chip_than_what_was_asked_for"),
        (RELAYING, "test_how_the_file_is_read_is_the_desks_choice_and_the_verifier_keeps_to_it"),
        (RELAYING, "test_a_chip_without_short_identifiers_is_sent_one_select_and_one_read"),
        (STEP, "test_a_verifier_that_offers_what_was_not_asked_for_gets_nothing_of_the_chip"),
    ),
    "who asks is named by ids": (
        (NAMES, "test_a_caller_is_named_by_ids_and_what_is_none_is_not_repeated"),
        (REGISTERS, "test_a_clerk_named_by_a_name_is_refused_as_malformed_and_repeated_nowhere"),
    ),
    "taken alone by a register operator": (
        ("auth/presence/test_alone.py", "test_it_is_taken_with_its_own_needs_only"),
        ("auth/presence/test_alone.py", "test_the_example_of_the_manual_runs_as_it_stands"),
    ),
}


def test_every_attack_and_pitfall_is_here() -> None:
    assert [name.partition(" ")[0] for name in ATTACKS_SHOWN] == [str(number) for number in range(1, 11)]
    assert len(PITFALLS) == 7


@pytest.mark.parametrize("table", [ATTACKS_SHOWN, PITFALLS, POINT], ids=["attacks", "pitfalls", "point"])
def test_the_test_that_shows_a_row_is_there(table: dict[str, tuple[tuple[str, str], ...]]) -> None:
    missing = [
        (row, file, name)
        for row, shown in table.items()
        for file, name in shown
        if not re.search(rf"^\s*def {name}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []
    assert all(table.values()), "every row has one"
