"""What others are told of a session: the values are kept in records and fired with events, so they never change."""

from custom_components.retrowalk.training.events import EndReason


def test_end_reasons_keep_their_stored_values() -> None:
    assert [reason.value for reason in EndReason] == [
        "completed",
        "finished",
        "stopped",
        "console",
        "safety_key",
        "guard",
        "nobody_on_belt",
        "not_obeyed",
        "paused_too_long",
        "interrupted",
        "shutdown",
        "check",
        "lapsed",
        "not_connected",
        "link_lost",
        "no_fresh_data",
        "refused",
        "belt_does_not_move",
        "belt_not_heard",
        "limits_lowered",
        "settings_changed",
        "not_announced",
    ]


def test_end_reasons_tell_what_kind_of_end_it_was() -> None:
    assert {reason.value for reason in EndReason if reason.planned} == {"completed", "finished"}
    assert {reason.value for reason in EndReason if reason.unsafe} == {"safety_key", "guard", "nobody_on_belt"}
    assert {reason.value for reason in EndReason if reason.nobodys_fault} == {
        "shutdown",
        "not_connected",
        "link_lost",
        "no_fresh_data",
    }


def test_a_record_of_another_version_may_keep_a_reason_that_is_not_known() -> None:
    assert EndReason.parse("console") is EndReason.CONSOLE
    assert EndReason.parse("monitor_only") is None
    assert EndReason.parse(None) is None
