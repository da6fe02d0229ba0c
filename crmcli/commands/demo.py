"""`crm demo`: a throw-away database with believable customers, then the day's screen."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _
from crmcli.options import Run, context_of

app = App()
_FOLDER = "crm-demo-"


@app.command(
    help=_("Try it: make a throw-away database with believable customers in both languages, and show the day.")
)
def demo(ctx: Run) -> None:
    """Make the demo's database, in a temporary folder unless --db names a new file, and show today."""
    from crmcli.screens.today import run
    from crmcli.services.demo import make_demo

    context = context_of(ctx)
    if context.options.dry_run:  # each customer would be gone before the next is added
        raise UsageError(_("a demo is thrown away in any case"), hint=_("leave out --dry-run"))
    if not context.options.db:
        context.set_option("db", str(Path(tempfile.mkdtemp(prefix=_FOLDER)) / "crm.db"))
    elif context.database.exists():
        raise ConflictError(
            _("{path} is there already").format(path=context.database), hint=_("the demo wants a file of its own")
        )
    with _whole_or_gone(context):
        make_demo(context.transaction_at, now=context.now, settings=context.settings, owner=context.actor)
    run(context)
    if not context.output.data:
        context.output.note(_("This is a demo. To go on in it: export CRM_DB={path}").format(path=context.database))


@contextmanager
def _whole_or_gone(context: Context) -> Iterator[None]:
    """Leave nothing of a demo that a full disk ended: the next one would find that it is there already."""
    try:
        yield
    except BaseException:
        context.close()
        database = context.database
        with suppress(OSError):
            for path in (database, *database.parent.glob(f"{database.name}-*")):
                path.unlink(missing_ok=True)
            if database.parent.name.startswith(_FOLDER):
                database.parent.rmdir()
        raise
