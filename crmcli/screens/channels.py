"""How the channels of the reminders are: for `crm remind --status` and `crm doctor`."""

from collections.abc import Iterator
from datetime import datetime

from crmcli.context import Context
from crmcli.i18n import _, ngettext
from crmcli.queries.deliveries import NEW, Channel, channel_states
from crmcli.render.lines import DIM, LATE, Line, line, styled
from crmcli.rules.shellwords import word
from crmcli.screens.parts import Row, dotted
from crmcli.when.say import say_moment


def channels(context: Context) -> dict[str, Channel]:
    """Return the state of every channel of the settings, by name."""
    states = channel_states(context.connection)
    return {name: states.get(name, NEW) for name in context.settings.named("channel")}


def channels_data(context: Context) -> list[Row]:
    """Return the same as data, moments in the user's zone."""
    return [
        {
            "channel": name,
            "waiting": state.waiting,
            "attempts": state.attempts,
            "retry_at": context.reader.local(state.retry_at),
            "error": state.error,
            "delivered_at": context.reader.local(state.delivered_at),
        }
        for name, state in channels(context).items()
    ]


def channel_lines(context: Context) -> Iterator[tuple[str, Line]]:
    """Yield name and state of every channel: when it last took something, or why not and when it is tried again."""
    for name, state in channels(context).items():
        if state.error:
            waiting = ngettext("{count} item waits", "{count} items wait", state.waiting).format(count=state.waiting)
            said = [styled(waiting, LATE), styled(state.error, DIM)]
            if state.retry_at:  # else it is being tried again, or was as its run was broken off
                said.insert(1, line(_("again {moment}").format(moment=_said(context, state.retry_at))))
            yield name, dotted(said)
        elif state.delivered_at:
            yield name, dotted([line(_("works")), styled(_said(context, state.delivered_at), DIM)])
        else:
            trial = _("nothing was sent yet; try it with crm remind --test {name}").format(name=word(name))
            yield name, styled(trial, DIM)


def failing(context: Context) -> Iterator[tuple[str, str]]:
    """Yield name and reason of every channel that fails."""
    for name, state in channels(context).items():
        if state.error:
            yield name, state.error


def _said(context: Context, moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(context.zone)
    return say_moment(local.date(), local.time(), context.now)
