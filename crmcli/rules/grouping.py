"""How a phone number is written for people to read: in groups."""

import re


def readable_phone(phone: str) -> str:
    """Return a phone number in the groups that people read: Chinese mobiles 3-4-4, others as they are."""
    return re.sub(r"^\+86(1[3-9]\d)(\d{4})(\d{4})\b", r"+86 \1 \2 \3", phone)
