"""Reading an export of everything: `crm import all.json`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.nouns import CONTENT, noun
from crmcli.queries.everything import ORDER
from crmcli.services.importing import LARGE
from crmcli.services.importing.everything import Part, import_everything
from crmcli.services.importing.everything.attachments import Taking
from crmcli.store.received import received

if TYPE_CHECKING:
    from crmcli.exchange.jsonfile import Objects
    from crmcli.services.importing.plan import Plan, Summary
    from crmcli.store.transaction import Transaction

_ABOUT_COLUMNS = ("map", "save_map", "use_map", "extra")


class Watch(NamedTuple):
    """Who is told while the file is imported."""

    progress: "Callable[[int], None]"
    """How many rows were read."""
    before_large: "Callable[[], None]"
    """That many are about to be written."""


def is_everything(rows: Any, chosen: str | None) -> bool:
    """Return whether it is an export of everything; closes it and raises UsageError when `--as` says otherwise."""
    found = not {*ORDER}.isdisjoint(getattr(rows, "parts", ()))
    if chosen and found != (chosen.casefold() == "all"):
        rows.close()
        raise UsageError(
            _("this is an export of everything") if found else _("this is no export of everything"),
            hint=_("leave {option} out").format(option="--as"),
        )
    return found


def import_all(
    context: Context,
    tx: "Transaction",
    rows: "Objects",
    given: dict[str, Any],
    watch: Watch,
    plan: "Callable[..., Plan]",
) -> "Summary":
    """Import an export of everything, each part by its own `plan`; raises UsageError for options about columns."""
    unfit = [name for name in _ABOUT_COLUMNS if given.get(name)]
    if unfit:
        option = "--" + unfit[0].replace("_", "-")
        raise UsageError(
            _("{option} does not go with an export of everything").format(option=option),
            hint=_("leave {option} out").format(option=option),
        )

    done = 0

    def plan_of(part: Part) -> "Plan":
        nonlocal done
        before, done = done, done + rows.counts[part.record]
        match = given["match"] if part.record == "contact" else None
        planned = plan(context, tx, part, {**given, "as": noun(part.record).plural, "match": match})
        return planned._replace(progress=lambda count: watch.progress(before + count))

    if rows.counts.total() - rows.counts[CONTENT] >= LARGE:
        watch.before_large()
    with received(context.database) as contents:
        taking = Taking(contents, context.now, given["on_duplicate"] != "skip", not context.options.dry_run)
        return import_everything(tx, rows, plan_of, taking, context.actor)
