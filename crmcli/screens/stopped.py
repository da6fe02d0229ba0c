"""Whether the reminders that were installed still run; everybody who looks at the day is told when they do not."""

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.render.lines import SOON, Line, styled
from crmcli.store.heartbeat import read
from crmcli.when.say import say_moment


def stopped_line(context: Context) -> Line:
    """Return the line that says since when, and what to do; nothing when all is well or the present is another one."""
    heartbeat = None if context.simulated else read(context.database)
    if heartbeat is None or not heartbeat.late(context.now):
        return ()
    if heartbeat.last_run_at is None:
        said = _("Reminders were installed and have never run: crm remind --status")
    else:
        since = heartbeat.last_run_at.astimezone(context.zone)
        said = _("Reminders have not run since {moment}: crm remind --status").format(
            moment=say_moment(since.date(), since.time(), context.now)
        )
    return styled(said, SOON)
