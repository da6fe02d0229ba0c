"""Chinese names in Latin letters, so that 张三 is found by `zhangsan` and `zs`.

The readings come from pypinyin's table of single characters. Its table of phrases is left alone: it costs 300 ms to
load and knows no names. What names need instead is here: characters that are read differently as a surname.
"""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

_SURNAMES = """
    单:shan 解:xie 仇:qiu 查:zha 曾:zeng 区:ou 朴:piao 盖:ge 种:chong 繁:po 乐:yue 员:yun 折:she 覃:qin
    翟:zhai 黑:he 缪:miao 洗:xian 召:shao 秘:bi 句:gou 隗:wei 么:yao 祭:zhai 能:nai 都:du 佴:nai 乜:nie
    重:chong 适:kuo 阚:kan 卜:bu 單:shan 區:ou 蓋:ge 種:chong 樂:yue 員:yun 繆:miao 薄:bo
"""
"""How a character is read when it is a surname, where that differs from its commonest reading."""

_GIVEN = {"长": "chang", "長": "chang", "晟": "sheng", "隽": "jun", "茜": "xi"}
"""How a character is read in a given name, likewise."""

_COMPOUND = """
    欧阳:ou.yang 太史:tai.shi 端木:duan.mu 上官:shang.guan 司马:si.ma 东方:dong.fang 独孤:du.gu
    南宫:nan.gong 万俟:mo.qi 闻人:wen.ren 夏侯:xia.hou 诸葛:zhu.ge 尉迟:yu.chi 公羊:gong.yang 赫连:he.lian
    澹台:tan.tai 皇甫:huang.fu 宗政:zong.zheng 濮阳:pu.yang 公冶:gong.ye 太叔:tai.shu 申屠:shen.tu
    公孙:gong.sun 慕容:mu.rong 仲孙:zhong.sun 钟离:zhong.li 长孙:zhang.sun 宇文:yu.wen 司徒:si.tu
    鲜于:xian.yu 司空:si.kong 闾丘:lv.qiu 子车:zi.ju 亓官:qi.guan 司寇:si.kou 巫马:wu.ma 公西:gong.xi
    颛孙:zhuan.sun 壤驷:rang.si 公良:gong.liang 漆雕:qi.diao 乐正:yue.zheng 宰父:zai.fu 谷梁:gu.liang
    拓跋:tuo.ba 夹谷:jia.gu 轩辕:xuan.yuan 令狐:ling.hu 段干:duan.gan 百里:bai.li 呼延:hu.yan 东郭:dong.guo
    南门:nan.men 羊舌:yang.she 微生:wei.sheng 左丘:zuo.qiu 东门:dong.men 西门:xi.men 第五:di.wu 纳兰:na.lan
    完颜:wan.yan 歐陽:ou.yang 諸葛:zhu.ge 司馬:si.ma 尉遲:yu.chi 長孫:zhang.sun
"""
_LONGEST_PERSON = 4
"""Characters; a longer run is a company's name, which has no surname."""
_NAME_OF_THREE = 3


class Pinyin(NamedTuple):
    """A Chinese name in Latin letters: `zhangsan` and `zs`."""

    full: str
    initials: str


class Spelling(NamedTuple):
    """A name piece by piece: Chinese characters with their readings, other words as they are (folded)."""

    pieces: tuple[str, ...]
    sounds: tuple[str, ...]
    surname: int
    """How many of the pieces are the surname; 0 when there is none."""


def pinyin(name: str) -> Pinyin | None:
    """Return the romanised name, or None when it has no Chinese character."""
    spelling = spell(name)
    if spelling is None:
        return None
    return Pinyin("".join(spelling.sounds), "".join([sound[0] for sound in spelling.sounds]))


@cache
def _table(text: str) -> dict[str, str]:
    """Return the pairs of one of the tables above."""
    return dict(pair.split(":") for pair in text.split())


@lru_cache(maxsize=4096)
def spell(name: str) -> Spelling | None:
    """Return the name's pieces and how they sound, or None when it has no Chinese character with a known reading."""
    if name.isascii():
        return None
    readings = _load_readings()
    pieces: list[str] = []
    sounds: list[str] = []
    chinese: list[bool] = []
    glued = False
    for char in unicodedata.normalize("NFKC", name).casefold():
        sound = readings[char] if char >= "〇" else ""
        if sound:
            pieces.append(char)
            sounds.append(sound)
            chinese.append(True)
            glued = False
        elif char.isalnum():
            if glued:
                pieces[-1] += char
                sounds[-1] += char
            else:
                pieces.append(char)
                sounds.append(char)
                chinese.append(False)
            glued = True
        else:
            glued = False
    if True not in chinese:
        return None
    run = chinese.index(False) if False in chinese else len(chinese)
    surname = _read_surname(pieces, sounds, run)
    return Spelling(tuple(pieces), tuple(sounds), surname)


def _read_surname(pieces: list[str], sounds: list[str], run: int) -> int:
    """Correct the sounds of the surname that a name of `run` Chinese characters begins with, and return its length."""
    if not 1 < run <= _LONGEST_PERSON:
        return 0
    compound = _table(_COMPOUND).get(pieces[0] + pieces[1])
    if compound:
        sounds[:2] = compound.split(".")
        return 2 if run >= _NAME_OF_THREE else 1
    sounds[0] = _table(_SURNAMES).get(pieces[0], sounds[0])
    return 1


class _Readings(dict[str, str]):
    """Character → commonest reading, filled as asked: no tone, `ü` as `v` (as it is typed); empty for other scripts."""

    def __init__(self, table: dict[str, str]) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, char: str) -> str:
        sound = _GIVEN.get(char) or self._table.get(str(ord(char)), "").partition(",")[0]
        letters = unicodedata.normalize("NFD", sound).replace("u\u0308", "v")
        plain = "".join([letter for letter in letters if letter.isascii()])
        self[char] = plain
        return plain


@cache
def _load_readings() -> _Readings:
    """Return pypinyin's readings, loaded for the first Chinese name.

    Importing pypinyin costs 50 ms even without its phrases, for rules that are not needed here; its data file alone
    costs 15 ms.
    """
    import json
    from importlib.util import find_spec

    spec = find_spec("pypinyin")
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder) / "pinyin_dict.json"
        if file.is_file():
            return _Readings(json.loads(file.read_text(encoding="utf-8")))
    from pypinyin.pinyin_dict import pinyin_dict  # versions that keep their data elsewhere

    return _Readings({str(code): sounds for code, sounds in pinyin_dict.items()})
