"""The schema check of the tests finds what Garmin's schema would not allow."""

import pytest

from custom_components.retrowalk.training.files.tcx import write_tcx
from tests.support.tcx_schema import flaws
from tests.support.walked_session import Walk

RECORD, TRACK = Walk().step(1).walk(30).pause(20).step(2, "Fast").walk(30).end()
TEXT = write_tcx(RECORD, "Backward walk", track=TRACK)
CALORIES = "<Calories>2</Calories>"
METERS = "<DistanceMeters>15.00</DistanceMeters>"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (CALORIES, ""),
        (CALORIES, CALORIES * 2),
        (CALORIES, "<Calories>2.5</Calories>"),
        (CALORIES, "<Calories>65536</Calories>"),
        (CALORIES, "<Calories/>"),
        (CALORIES, '<Calories unit="kcal">2</Calories>'),
        (CALORIES, "<Calories><Value>2</Value></Calories>"),
        (METERS, METERS.replace("15.00", "15 m")),
        (f"{METERS}\n        <MaximumSpeed>0.500</MaximumSpeed>", f"<MaximumSpeed>0.500</MaximumSpeed>{METERS}"),
        ('Sport="Other"', 'Sport="Walking"'),
        ('Sport="Other"', ""),
        (' StartTime="2026-06-01T08:00:00Z"', ' StartTime="2026-06-01 08:00:00"'),
        ("<Time>2026-06-01T08:00:07Z</Time>", ""),
        ("<Time>2026-06-01T08:00:07Z</Time>", "<Time>2026-06-01T08:00:07+02:00</Time>"),
        ("<HeartRateBpm><Value>95</Value></HeartRateBpm>", "<HeartRateBpm>95</HeartRateBpm>"),
        ("<HeartRateBpm><Value>95</Value></HeartRateBpm>", "<HeartRateBpm><Value>0</Value></HeartRateBpm>"),
        ("<ns3:Speed>", "<ns3:Watts>5</ns3:Watts><ns3:Speed>"),
        ("ns3:TPX>", "ns3:LX>"),
        ("ns3:Speed>", "Speed>"),
        ("<Intensity>Active</Intensity>", "<Intensity>Backward</Intensity>"),
        (' xsi:type="Device_t"', ""),
        ("<UnitId>0</UnitId>", ""),
        ("<Track>", "<Track>text"),
        ("TrainingCenterDatabase/v2", "TrainingCenterDatabase/v1"),
        ("      <Notes>Backward walk</Notes>\n", "      <Effort>3</Effort>\n"),
    ],
)
def test_a_flaw_is_found(right: str, wrong: str) -> None:
    assert right in TEXT
    assert flaws(TEXT) == []
    assert flaws(TEXT.replace(right, wrong)) != []
