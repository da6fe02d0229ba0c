"""The vocabulary of both languages: names that are printed, words that are read, and Chinese numerals."""

WEEKDAY_NAMES = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# what follows is only read; the longer of two forms stands first wherever one begins with the other
ENGLISH_WEEKDAY = (
    r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
    r"s?\.?(?![a-z])"
)
ENGLISH_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?(?![a-z])"
)
ENGLISH_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": -1}
CHINESE_WEEKDAY = "[一二三四五六日天1-7]"
CHINESE_NUMBER = (
    "(?:[一二两三四五六七八九]百(?:零[一二三四五六七八九]|[一二三四五六七八九]十[一二三四五六七八九]?)?"
    "|[一二两三四五六七八九]?十[一二三四五六七八九]?|[零〇一二两三四五六七八九])"
)
NUMBER = rf"(?:\d{{1,4}}|{CHINESE_NUMBER})"
NO_MORE = "(?![0-9零〇一二两三四五六七八九十点时:])"
"""Behind a number: nothing that would go on with it."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SIMPLIFIED = str.maketrans("後點號週禮個兩鐘鍾時這淩過", "后点号周礼个两钟钟时这凌过")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = tuple(name.lower() for name in MONTH_NAMES)


def simplified(text: str) -> str:
    """Return the text with the traditional characters of this vocabulary written as simplified ones."""
    return text.translate(_SIMPLIFIED)


def number_of(text: str) -> int:
    """Return the value of a number that `NUMBER` matched, of an English one, or of a row of Chinese digits."""
    if text.isdecimal():
        return int(text)
    if text in ENGLISH_NUMBERS:
        return ENGLISH_NUMBERS.index(text)
    if not any(char in "十百" for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    return (
        100 * _DIGITS.get(hundreds, 0) + (10 * _DIGITS.get(tens, 1) if ten else 0) + (_DIGITS[ones[-1]] if ones else 0)
    )


def ordinal_of(text: str | None) -> int:
    """Return which one an ordinal of `ORDINALS`, or the number behind 第, means; without one it is the last (-1)."""
    return ORDINALS.get(text or "last") or number_of(text or "")


def weekday_of(text: str) -> int:
    """Return the weekday (Monday 0) of an English name or of the last character of a Chinese one."""
    if text[:3] in _WEEKDAYS:
        return _WEEKDAYS.index(text[:3])
    return "一二三四五六日1234567".index(text.replace("天", "日")) % 7


def month_of(text: str) -> int:
    """Return the month (January 1) of an English name."""
    return _MONTHS.index(text[:3]) + 1
