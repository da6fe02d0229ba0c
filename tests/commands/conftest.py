"""What tests of commands share."""

import pytest

from tests.conftest import Crm
from tests.kept import filled_once


@pytest.fixture
@filled_once
def zs(crm: Crm) -> Crm:
    """Give the command line on a database with 张三 (1) and Ann O'Brien (2)."""
    crm.ok("add", "张三", "--company", "华东电力")
    crm.ok("add", "Ann O'Brien")
    return crm
