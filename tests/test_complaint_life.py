"""The whole life of complaints by a shell script alone, every command a process of its own."""

from pathlib import Path

import pytest

from tests.test_shell import Shell

SCRIPT = """
set -eu
who=$(crm add 张三 --company 华东电力 -q)
crm vocabulary edit complaint_type complaint --requires assess,approve -q > /dev/null
crm service-level add --severity high --respond 4h --resolve 2d --hours business --escalate-to 王总 -q > /dev/null

id=$(crm complain "$who" "交付延迟三天" --severity high --category delivery --channel phone -q)
crm complaint assess "$id" "属实" --valid --cause supplier -q > /dev/null
crm complaint assign "$id" --to 李经理 --department 售后部 -q > /dev/null
crm complaint accept "$id" --by 李经理 -q > /dev/null
crm complaint respond "$id" "已致歉，今天给方案" -q > /dev/null
if crm complaint resolve "$id" "换货" 2> refused; then exit 99; else echo "refused $?"; fi
grep -q approve refused
crm complaint propose "$id" --option 换货 --option 退款 -q > /dev/null
crm complaint approve "$id" --option 1 --by 王总 -q > /dev/null
crm complaint wait "$id" "等客户腾出仓库" -q > /dev/null
crm complaint resume "$id" -q > /dev/null
crm complaint resolve "$id" "新货已送到" --if-status approved -q > /dev/null
crm complaint close "$id" "满意" --satisfaction 5 -q > /dev/null
crm complaint link "$id" --improvement "装车前核对清单" -q > /dev/null

crm complain "$who" "服务很好" --type praise -q > /dev/null
crm complain "$who" "充电桩多少钱？" --type inquiry -q | xargs -I ID {crm} complaint resolve ID "已报价" -q > /dev/null
crm complaint list --all --sort id -o tsv --columns id,type,status,satisfaction,responsible,valid,breached
"""


@pytest.fixture
def shell(tmp_path: Path, file_key: str) -> Shell:
    return Shell(tmp_path, file_key)


def test_from_the_first_word_to_the_last(shell: Shell) -> None:
    script = SCRIPT.replace("{crm}", shell.crm).replace("refused;", f'"{shell.folder}/refused";')
    script = script.replace("approve refused", f'approve "{shell.folder}/refused"')
    assert shell.ok(script, USER="wei", TZ="Asia/Shanghai").splitlines() == [
        "refused 5",
        "id\ttype\tstatus\tsatisfaction\tresponsible\tvalid\tbreached",
        "1\tcomplaint\tclosed\t5\t李经理\ttrue\tfalse",
        "2\tpraise\tclosed\t\twei\t\tfalse",
        "3\tinquiry\tresolved\t\twei\t\tfalse",
    ]
