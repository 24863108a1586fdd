"""The fault catalogue, row by row, as far as the wire carries it: which test shows what must happen.

Rows are those of part 5.2 of the project's notes on e-authentication. What belongs to the breaker, to the outbox and
to what a clerk is told of budgets is shown where those are; here stands what one exchange does.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

ROWS: dict[str, tuple[str, ...]] = {
    "N1 no name, refused, reset at each stage; the same key and bytes again": (
        "auth/wire/test_broken_networks.py::test_a_name_that_there_is_not_is_said_as_such",
        "auth/wire/test_tls.py::test_nobody_listening_is_said_as_such",
        "auth/wire/test_broken_networks.py::test_a_reset_in_the_handshake_is_no_connection",
        "auth/wire/test_broken_networks.py::test_a_connection_that_is_reset_is_broken_wherever_that_happens",
        "auth/wire/test_sealed_exchange.py::test_the_same_bytes_may_be_sent_again_and_are_answered_word_for_word",
    ),
    "N2 500, 502, 503 with Retry-After in seconds and as a date, at most 15 minutes": (
        "auth/wire/test_problems.py::test_an_unsigned_503_is_no_verdict_and_its_retry_after_a_hint",
        "auth/wire/test_problems.py::test_retry_after_is_read_as_seconds_and_as_a_date",
        "auth/wire/test_problems.py::test_no_retry_after_makes_anybody_wait_longer_than_we_say",
    ),
    "N3 429": ("auth/test_register_faults.py::test_a_fault_ends_in_its_error_and_tells_nothing_of_the_citizen",),
    "N4 drips, endless chunks, a stalled handshake": (
        "auth/wire/test_hostile_http.py::test_the_deadline_holds_however_slowly_a_peer_talks",
        "auth/wire/test_hostile_http.py::test_the_deadline_holds_when_the_tls_handshake_stalls",
        "auth/test_register_faults.py::test_the_total_deadline_is_kept_against_a_drip",
    ),
    "N5 huge bodies and headers, compression, wrong and doubled lengths, early ends": (
        "auth/wire/test_hostile_http.py::test_what_is_no_answer_is_never_data",
        "auth/wire/test_broken_networks.py::test_an_endless_body_is_cut_off_before_it_fills_the_memory",
        "auth/wire/test_broken_networks.py::test_a_shorter_length_than_was_signed_is_no_answer",
        "auth/wire/test_broken_networks.py::test_what_follows_the_promised_length_is_not_part_of_the_answer",
    ),
    "N6 redirects": ("auth/wire/test_hostile_http.py::test_a_redirect_is_not_followed",),
    "N7 old TLS, weak suites, wrong host, strange or self-signed authority, out of time, wrong pin, SHA-1": (
        "auth/wire/test_tls.py::test_a_server_that_speaks_tls_1_1_only_is_refused",
        "auth/wire/test_tls.py::test_a_cipher_without_forward_secrecy_is_refused",
        "auth/wire/test_tls.py::test_a_certificate_for_another_host_is_refused",
        "auth/wire/test_tls.py::test_a_self_signed_certificate_of_another_name_is_refused",
        "auth/wire/test_tls.py::test_a_certificate_of_another_authority_of_the_same_name_is_refused",
        "auth/wire/test_tls.py::test_a_certificate_out_of_its_time_is_refused",
        "auth/wire/test_tls.py::test_the_right_name_under_the_right_authority_with_another_key_is_refused",
        "auth/wire/test_tls.py::test_a_chain_with_sha_1_in_it_is_refused",
    ),
    "N9 proxies, .netrc, certificate and key-log variables of the environment": (
        "auth/wire/test_tls.py::test_proxies_log_ins_certificate_files_and_key_logs_of_the_environment_are_ignored",
    ),
    "N10 a captive portal, 204, a wrong content type": (
        "auth/wire/test_hostile_http.py::test_what_is_no_answer_is_never_data",
    ),
    "N11 a black hole, a slow line": (
        "auth/wire/test_broken_networks.py::test_a_black_hole_costs_the_deadline_and_no_more",
        "auth/wire/test_broken_networks.py::test_a_slow_line_is_waited_for_within_the_deadline",
    ),
    "A4 unsigned, old or foreign key, wrong tag, unbound, out of time, doubled label, uncovered field": (
        "auth/wire/test_signatures.py::test_half_a_signature_is_none",
        "auth/wire/test_signatures.py::test_only_the_endpoints_own_keys_count",
        "auth/test_register_faults.py::test_answers_of_the_other_register_are_foreign",
        "auth/wire/test_signatures.py::test_label_and_tag_are_pinned",
        "auth/wire/test_signatures.py::test_an_answer_must_cover_every_component",
        "auth/wire/test_signatures.py::test_an_answer_out_of_its_time_is_refused",
        "auth/wire/test_signatures.py::test_one_label_twice_is_refused",
        "auth/wire/test_signatures.py::test_what_is_acted_upon_must_be_signed_and_the_rest_is_not_read",
    ),
    "A5 swapped between citizens, of yesterday, of the other register": (
        "auth/test_register_faults.py::test_a_fault_ends_in_its_error_and_tells_nothing_of_the_citizen",
        "auth/wire/test_signatures.py::test_an_answer_to_another_request_is_refused",
        "auth/wire/test_sealed_exchange.py::test_two_answers_that_were_exchanged_are_both_refused",
    ),
    "A6 zip, other algorithms, none, JSON serialisations, a huge p2c": (
        "auth/wire/test_envelope.py::test_a_header_that_asks_for_anything_else_is_refused_by_name",
        "auth/wire/test_envelope.py::test_another_algorithm_is_refused_even_where_everything_about_it_is_right",
        "auth/wire/test_envelope.py::test_what_is_no_envelope_is_refused",
    ),
    "A7 keys that change, as far as the wire holds them": (
        "auth/wire/test_sealed_exchange.py::test_any_of_a_registers_answer_keys_may_have_signed",
        "auth/wire/test_sealed_exchange.py::test_sealed_anew_it_goes_under_the_same_idempotency_key",
        "mock_registers/test_gate.py::test_two_keys_may_be_sealed_to_while_one_takes_the_place_of_the_other",
    ),
    "A10 sent twice, from two windows, after a lost answer, after a crash; another body under the same key": (
        "mock_registers/test_idempotency.py::test_two_windows_with_the_same_envelope_have_one_effect",
        "mock_registers/test_idempotency.py::test_a_lost_answer_is_given_again_and_the_record_was_looked_at_once",
        "mock_registers/test_idempotency.py::test_what_a_dead_process_began_is_done_by_the_next_and_once",
        "mock_registers/test_idempotency.py::test_other_bytes_under_the_same_key_are_refused_for_good",
    ),
    "A12 more than was asked for": (
        "auth/test_register_faults.py::test_a_fault_ends_in_its_error_and_tells_nothing_of_the_citizen",
    ),
}


def _tests_in(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_catalogue_is_shown_by_tests_that_there_are(row: str) -> None:
    for shown in ROWS[row]:
        file, _, name = shown.partition("::")
        assert name in _tests_in(file), shown


def test_every_row_of_the_wire_is_there() -> None:
    # N8, an expired client certificate, has nothing to be about: devices sign their requests instead.
    network = {f"N{number}" for number in range(1, 12)} - {"N8"}
    assert {row.split()[0] for row in ROWS} == network | {"A4", "A5", "A6", "A7", "A10", "A12"}
