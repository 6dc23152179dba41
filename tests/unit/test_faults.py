"""Every known fault still has its place in the code, so that `make mutants` can put it there."""

from pathlib import Path

import pytest

from tests.mutation.fault import Fault
from tests.mutation.faults import FAULTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_its_place_once(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text().count(fault.before) == 1


def test_no_two_faults_have_one_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
