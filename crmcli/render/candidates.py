"""One of several records that may have been meant, as a person reads it: the same under an error and in a choice."""

from datetime import datetime
from typing import Any

from crmcli.i18n import _, ngettext
from crmcli.render.data import value_text
from crmcli.render.fields import Row, is_empty
from crmcli.render.values import moment_of
from crmcli.rules.grouping import readable_phone
from crmcli.when.say import say_distance


def about(candidate: Row, now: datetime | None) -> str:
    """Return what tells a candidate from the others, besides its id; without `now` moments stay as they are."""
    return " · ".join(_said(key, value, now) for key, value in candidate.items() if key != "id" and not is_empty(value))


def _said(key: str, value: Any, now: datetime | None) -> str:
    if key == "contacts" and isinstance(value, int):
        return ngettext("{count} contact", "{count} contacts", value).format(count=value)
    moment = moment_of(value) if now and key == "last_contact_at" else None
    if moment and now:
        return _("last contact {distance}").format(distance=say_distance(moment[0], None, now))
    return readable_phone(value_text(value))
