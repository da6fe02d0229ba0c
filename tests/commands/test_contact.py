"""`crm contact`: the record, who is there already, how somebody is named, and every verb."""

from tests.conftest import Crm


def test_add_prints_the_record(crm: Crm) -> None:
    row = crm.data("add", "张三", "--company", "华东电力", "--phone", "13800138000", "--class", "有意向", "--tag", "vip")
    assert row["id"] == 1
    assert (row["name"], row["company"], row["class"]) == ("张三", "华东电力", "interested")
    assert row["phones"] == ["+8613800138000"]
    assert row["tags"] == ["vip"]
    assert row["owner"] == "wei"
    assert row["created_at"] == "2026-11-25T09:00:00+08:00"
