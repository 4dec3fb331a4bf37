"""Files that are made to take memory or time from whoever reads them are refused before they can."""

import json
import tracemalloc
from struct import pack
from zlib import compress

import pytest

from custom_components.retrowalk.training.files.errors import LARGEST, FormatError
from custom_components.retrowalk.training.files.imported import SpeedUnit
from custom_components.retrowalk.training.programs.errors import ProgramError
from tests.support.workout_files import read

MOST_MEMORY = 100 * LARGEST
"""Bytes: what a file of the largest size may take while it is read."""
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ROW = '<row duration="00:05:00" speed="1.5"/>'
STEP = '{"minutes": 5, "speed": 1.5}'
BOMBS: dict[str, str | bytes] = {
    "xml_billion_laughs": f'<!DOCTYPE rows [<!ENTITY l0 "ha">{LAUGHS}]><rows>&l9;{ROW}</rows>',
    "xml_quadratic": f'<!DOCTYPE rows [<!ENTITY a "{"a" * 50_000}">]><rows>{"&a;" * 50_000}{ROW}</rows>',
    "xml_outside_entity": f'<!DOCTYPE rows [<!ENTITY a SYSTEM "file:///etc/passwd">]><rows>&a;{ROW}</rows>',
    "xml_parameter_entity": f'<!DOCTYPE rows [<!ENTITY % a SYSTEM "http://127.0.0.1/x">%a;]><rows>{ROW}</rows>',
    "xml_empty_doctype": f"<!DOCTYPE rows><rows>{ROW}</rows>",
    "xml_undeclared_entity": f"<rows name='&a;'>{ROW}</rows>",
    "xml_deep": "<rows>" + "<a>" * 300_000,
    "xml_many_elements": f"<rows>{'<row/>' * 100_000}</rows>",
    "xml_many_attributes": f"<rows {' '.join(f'a{n}="1"' for n in range(60_000))}><a/></rows>",
    "xml_one_attribute_twice": '<rows><row duration="00:05:00" speed="1" speed="2"/></rows>',
    "xml_one_attribute_in_two_spellings": '<rows><row duration="00:05:00" speed="1" Speed="2"/></rows>',
    "xml_huge_number": f'<rows><row duration="00:05:00" speed="{"9" * 900_000}"/></rows>',
    "xml_infinite_number": '<rows><row duration="00:05:00" speed="1e999"/></rows>',
    "json_deep": "[" * 900_000,
    "json_deep_mapping": '{"a":' * 150_000,
    "json_deep_and_closed": "[" * 400_000 + "]" * 400_000,
    "json_huge_number": f'{{"steps": [{{"minutes": {"9" * 900_000}, "speed": 1}}]}}',
    "json_infinite_number": '{"steps": [{"minutes": 1e999, "speed": 1}]}',
    "json_no_number": '{"steps": [{"minutes": NaN, "speed": 1}]}',
    "json_many_steps": f'{{"steps": [{",".join([STEP] * 30_000)}]}}',
    "json_many_repeats": f'{{"steps": [{{"repeat": 1000000000, "steps": [{STEP}]}}]}}',
    "json_repeats_of_repeats": json.dumps([{"repeat": 99, "steps": [{"repeat": 99, "steps": [{"seconds": 5}]}]}]),
    "json_one_key_twice": '{"steps": [{"minutes": 5, "speed": 1, "speed": 2}]}',
    "json_two_lists_of_steps": f'{{"steps": [{STEP}], "steps": [{STEP}, {STEP}]}}',
    "table_of_commas": "minutes,speed" + "," * 900_000,
    "table_of_lines": "minutes,speed\n" + "1,1\n" * 200_000,
    "table_huge_cell": f"minutes,speed\n5,{'1' * 900_000}",
    "table_open_quote": 'minutes,speed\n5,"' + "1\n" * 400_000,
    "table_one_column_twice": "minutes,speed,speed\n5,1,2",
    "packed_gzip": b"\x1f\x8b\x08\x00" + compress(b"0" * 900_000),
    "packed_zip": b"PK\x03\x04" + b"\0" * 1000,
    "packed_rar": b"Rar!\x1a\x07\x00" + b"\0" * 1000,
    "fit_of_255_fields": b"\x0e\x10\x00\x00"
    + pack("<I", 800)
    + b".FIT\0\0"
    + b"\x40\0\0\0\0\xff"
    + b"\0\xff\x0d" * 255,
    "fit_that_says_it_is_4_gigabytes": b"\x0e\x10\x00\x00\xff\xff\xff\xff.FIT\0\0" + b"\0" * 100,
    "too_large": "<rows>" + " " * LARGEST,
    "too_large_in_bytes": b"<rows>" + b" " * LARGEST,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_one_line_and_takes_little_memory(bomb: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises((FormatError, ProgramError)) as refusal:
            read(BOMBS[bomb], name="Bomb", full_speed_kmh=4.0)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < MOST_MEMORY
    assert len(str(refusal.value)) < 1000


def test_a_key_that_says_the_same_twice_is_no_bomb() -> None:
    assert read('{"steps": [{"minutes": 5, "minutes": 5, "speed": 1}]}', name="Mine", unit=SpeedUnit.KMH).steps
