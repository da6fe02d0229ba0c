"""What customers and colleagues do in the simulated time: each story writes rows, acts later, and tells the model.

What is due when is said here by the words of the guide, with days and wall clocks counted by hand: nothing of the
program is asked for it. Only repeats are written and done through the program's services, since they plan what follows.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random

from crmcli.models.callback import Callback
from crmcli.services.callback import add_callback, cancel_callback, mark_done, snooze_callback
from crmcli.store.transaction import Author, Transaction, write
from tests.reminders.days import after, named, yearly
from tests.reminders.model import MINUTE, Model, Telling, from_on, instant
from tests.rows import Rows

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Stories:
    """The rows of the database, and what will still happen to them."""

    def __init__(self, database: Path, model: Model, random: Random) -> None:
        self.rows = Rows(database)
        self.rows.connection.execute("PRAGMA synchronous = OFF")
        self.model = model
        self.random = random
        self.coming: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = count()
        for place, (code, remind, each_year) in enumerate((("ends", 30, 0), ("founded", 3, 1), ("insured", None, 0))):
            self._sql(
                "INSERT INTO custom_field (noun, code, type, en, zh, aliases, required, remind_days, yearly, position, "
                "hidden) VALUES ('contact', ?, 'date', ?, ?, '', 0, ?, ?, ?, 0)",
                (code, code, code, remind, each_year, place),
            )
        self._sql(
            "INSERT INTO notice (code, en, zh, kind, query, field, before, hidden) "
            "VALUES ('renew', 'renew', 'renew', 'contact', '', 'insured', '3d', 0)"
        )

        for name in model.channels:  # each has been told something before
            self._sql(
                "INSERT INTO reminder (occurrence, channel, claimed_at, delivered_at, attempts, nagged) "
                "VALUES ('callback:0', ?, '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z', 0, 0)",
                (name,),
            )

    def begin(self, start: datetime, days: int, often: float) -> None:
        """Begin what happens in so many days; `often` times what a small office has."""
        first = start.astimezone(self.model.zone).date()
        kinds = (
            (4.0, self._timed),
            (2.0, self._all_day),
            (0.7, self._put_off),
            (0.15, self._series),
            (1.0, self._promise),
            (1.0, self._complaint),
            (0.4, self._supervision),
            (0.5, self._birthday),
            (0.4, self._ending),
            (0.3, self._founded),
            (0.5, self._forgotten),
            (0.4, self._noticed),
        )
        for rate, story in kinds:
            least = 1 if days < 40 else days // 8
            for number in range(max(least, int(rate * often * days))):
                day = first + timedelta(days=int((number + self.random.random()) % days))
                story(max(day, first), start)
        for day in (first + timedelta(days=number) for number in range(days)):
            if self._at(day + DAY) - self._at(day) != DAY:  # the clock is changed
                for clock in (time(1, 15), time(1, 40), time(1, 50), time(2), time(2, 30)):
                    self._call(day, clock, 0, start)
                    self._call(day, clock, 1, start)
                    self._repeated(day, start, "day", clock, None, prompt=True)
                self._supervision(day, start)

    def act(self, now: datetime) -> None:
        """Let everything happen that should have by now."""
        self.model.now = now
        while self.coming and self.coming[0][0] <= now:
            heappop(self.coming)[2](now)

    def _later(self, at: datetime, deed: Callable[[datetime], None]) -> None:
        heappush(self.coming, (at.astimezone(UTC), next(self._numbers), deed))

    def _sql(self, sql: str, values: tuple[object, ...] = ()) -> None:
        self.rows.connection.execute(sql, values)

    def _ends(self, tellings: list[Telling], at: datetime, sql: str, *values: object) -> None:
        """Let something be over, for the program and for the model, at some time."""

        def deed(now: datetime) -> None:
            self._sql(sql, values)
            for telling in tellings:
                telling.over = telling.over or now

        self._later(at, deed)

    def _clock(self) -> time:
        """Return a time of day, often one that some nights do not have, or have twice."""
        edges = [time(2, 30), time(2), time(1, 50), time(1, 15), time(0), time(23, 55), time(8), time(19)]
        return self.random.choice([*edges, *(time(self.random.randrange(24), self.random.randrange(60)),) * 4])

    def _owner(self) -> str:
        return self.random.choice(("wei", "lin"))

    def _span(self) -> timedelta:
        """Return after what time somebody does what they were told of."""
        return MINUTE * self.random.choice((2, 45, 600, 3000))

    def _at(self, day: date, clock: time = time()) -> datetime:
        return instant(self.model.zone, day, clock)

    def _from(self, day: date, clock: time) -> datetime:
        return from_on(self.model.zone, day, clock)

    # what people plan

    def _timed(self, day: date, start: datetime) -> None:
        self._call(day, self._clock(), self.random.randrange(2), start)

    def _call(self, day: date, clock: time, fold: int, start: datetime) -> None:
        """Plan a call for a time of the wall's clock: the first or the second where a night has it twice."""
        wall = datetime.combine(day, clock, tzinfo=self.model.zone)
        due, owner = wall.replace(fold=fold).astimezone(UTC), self._owner()
        who = self.rows.contact(created=start)
        id_ = self.rows.callback(who, due, owner=owner, due_on=day.isoformat())
        telling = self.model.tell("callback", who, due, due - 10 * MINUTE, owner=owner)
        self._ends([telling], due + self._span(), "UPDATE callback SET status = 'done' WHERE id = ?", id_)

    def _all_day(self, day: date, start: datetime) -> None:
        owner, who = self._owner(), self.rows.contact(created=start)
        id_ = self.rows.callback(who, day.isoformat(), owner=owner)
        telling = self.model.tell("callback", who, day, self._before_midnight(day), owner=owner)
        done = self._at(day) + self._span()
        self._ends([telling], done, "UPDATE callback SET status = 'cancelled' WHERE id = ?", id_)

    def _before_midnight(self, day: date) -> datetime:
        """Return ten minutes before a day, by the wall clock."""
        return self._at(day - DAY, time(23, 50))

    def _put_off(self, day: date, start: datetime) -> None:
        """Put a callback off, to another time, perhaps before anybody was told of it."""
        due, owner = self._at(day, self._clock()), self._owner()
        who = self.rows.contact(created=start)
        id_ = self.rows.callback(who, due, owner=owner, due_on=day.isoformat())
        telling = self.model.tell("callback", who, due, due - 10 * MINUTE, owner=owner)

        def put_off(now: datetime) -> None:
            until = (now + HOUR * self.random.choice((1, 5, 40))).replace(second=0)
            self._sql("UPDATE callback SET due_at = ? WHERE id = ?", (f"{until:%Y-%m-%dT%H:%M:%SZ}", id_))
            telling.over = now
            again = self.model.tell("callback", who, until, until - 10 * MINUTE, owner=owner)
            self._ends([again], until + self._span(), "UPDATE callback SET status = 'done' WHERE id = ?", id_)

        self._later(due + MINUTE * self.random.choice((-30, 5, 700)), put_off)

    def _promise(self, day: date, start: datetime) -> None:
        owner, who, clock = self._owner(), self.rows.contact(created=start), self._clock()
        due: datetime | date = self.random.choice((day, self._at(day, clock)))
        timed = isinstance(due, datetime)
        since = due if isinstance(due, datetime) else self._from(day, time(8, 30))
        id_ = self.rows.promise(who, due if isinstance(due, datetime) else day.isoformat(), owner=owner)
        if timed:
            self._sql("UPDATE promise SET due_on = ? WHERE id = ?", (day.isoformat(), id_))
        telling = self.model.tell("promise", who, due, since, owner=owner)
        self._ends([telling], since + self._span(), "UPDATE promise SET status = 'kept' WHERE id = ?", id_)

    def _series(self, day: date, start: datetime) -> None:
        """Let something repeat: done late, put off, cancelled with all that follows, or over after a few times."""
        clock = self.random.choice((time(2, 30), time(10)))
        kind = self.random.choice(("day", "week", "month"))
        self._repeated(day, start, kind, clock, self.random.choice((None, 2, 5)))

    def _repeated(
        self, day: date, start: datetime, kind: str, clock: time, times: int | None, *, prompt: bool = False
    ) -> None:
        who, owner = self.rows.contact(created=start), self._owner()
        when = {"day": "every day", "week": f"every {day:%A}", "month": "every month on 31"}[kind]
        given = {"when": f"{when} at {clock:%H:%M}", "times": times}

        def planned(now: datetime) -> None:
            local = now.astimezone(self.model.zone)
            with self._change(now) as tx:
                id_ = add_callback(tx, who, given, now=local, order="md", owner=owner)
            first = next(named(kind, local, clock, day.weekday()))
            self._occurrence(who, owner, id_, clock, kind, first, times, prompt=prompt)

        self._later(max(self._at(day), start), planned)

    def _occurrence(
        self, who: int, owner: str, id_: int, clock: time, kind: str, day: date, left: int | None, *, prompt: bool
    ) -> None:
        due = self._at(day, clock)
        telling = self.model.tell("callback", who, due, due - 10 * MINUTE, owner=owner)
        deed = "done" if prompt else self.random.choice(("done", "done", "done", "put off", "end"))

        def over(now: datetime) -> None:
            telling.over = now
            local = now.astimezone(self.model.zone)
            with self._change(now) as tx:
                if deed == "end":
                    cancel_callback(tx, id_, now=local, series=True)
                    return
                following = mark_done(tx, tx.session.get_one(Callback, id_), local, now=local)
                tx.session.flush()
            if left == 1:
                assert following is None
                return
            next_day, gone = next(
                (one, number) for number, one in enumerate(after(kind, day), 1) if one > max(day, local.date())
            )
            if left is not None and gone >= left:
                assert following is None
                return
            assert following is not None
            self._occurrence(who, owner, following, clock, kind, next_day, left and left - gone, prompt=prompt)

        def put_off(now: datetime) -> None:
            nonlocal telling
            telling.over = now
            local = (now + 3 * HOUR).astimezone(self.model.zone).replace(second=0)
            with self._change(now) as tx:
                snooze_callback(tx, id_, local.isoformat(), now=now.astimezone(self.model.zone), order="md")
            telling = self.model.tell("callback", who, local, local - 10 * MINUTE, owner=owner)
            self._later(local + self._span(), over)

        span = 2 * MINUTE if prompt else self._span()
        self._later(due + span, put_off if deed == "put off" else over)

    def _change(self, now: datetime) -> AbstractContextManager[Transaction]:
        return write(self.rows.connection, Author("wei", now.astimezone(self.model.zone), "story"))

    # what customers want

    def _complaint(self, day: date, start: datetime) -> None:
        answer = self._at(day, self._clock()) + HOUR
        solution = answer + HOUR * self.random.choice((-3, 2, 30))
        answered = self.random.choice((None, answer - 2 * HOUR, answer - 10 * MINUTE, answer + 5 * HOUR))
        solved = solution + HOUR * self.random.choice((-5, 1, 60))
        owner, who = self._owner(), self.rows.contact(created=start)
        id_ = self.rows.complaint(who, answer, solution, assignee=owner, responsible=owner)
        tellings = []
        if solution <= answer:
            answered = None
            tellings.append(self.model.tell("complaint", who, solution, solution - HOUR, detail="resolve", owner=owner))
        else:
            to_answer = self.model.tell("complaint", who, answer, answer - HOUR, detail="respond", owner=owner)
            foreseen = max(answer, solution - HOUR)  # until the answer is late, it is what is wanted first
            to_solve = self.model.tell("complaint", who, solution, foreseen, detail="resolve", owner=owner)
            to_answer.until = foreseen
            tellings += [to_answer, to_solve]
        late = [*self._escalated(who, "resolve", solution)]
        answers = [*self._escalated(who, "respond", answer)]

        def answers_it(now: datetime) -> None:
            self._sql("UPDATE complaint SET responded_at = ? WHERE id = ?", (f"{now:%Y-%m-%dT%H:%M:%SZ}", id_))
            to_answer.over = to_answer.over or now
            if now < foreseen:  # from now on it is told an hour before
                to_solve.since, to_solve.born = max(now, solution - HOUR), now
            for one in answers:
                one.over = one.over or now

        if answered:
            self._later(answered, answers_it)
        over = [*tellings, *late, *answers]

        def solves_it(now: datetime) -> None:
            self._sql("UPDATE complaint SET resolved_at = ? WHERE id = ?", (f"{now:%Y-%m-%dT%H:%M:%SZ}", id_))
            for one in over:
                one.over = min(one.over or now, now)

        self._later(solved, solves_it)

    def _escalated(self, who: int, deadline: str, breach: datetime) -> Iterator[Telling]:
        """Yield who hears that a deadline was missed: lin a moment after it, chen a day later."""
        for level, name in enumerate(("lin", "chen")):
            at = breach + level * DAY
            detail = f"{deadline} {level + 1} {name}"
            yield self.model.tell("escalation", who, at, at + timedelta(seconds=1), detail=detail, owner=name)

    def _supervision(self, day: date, start: datetime) -> None:
        who = self.rows.contact(created=start)
        promise = self.rows.promise(who, "2099-01-01", owner="wei")
        id_ = self.rows.supervision(who, day.isoformat(), promise_id=promise)
        telling = self.model.tell("supervision", who, day, self._from(day, time(2, 30)), owner="lin")
        then = day + 2 * DAY
        reported = self._from(day, time(2, 30)) + self._span()

        def report(now: datetime) -> None:
            self._sql("UPDATE supervision SET report_on = ? WHERE id = ?", (then.isoformat(), id_))
            telling.over = now
            again = self.model.tell("supervision", who, then, self._from(then, time(2, 30)), owner="lin")
            self._ends(
                [again], self._at(then) + 30 * HOUR, "UPDATE supervision SET closed_at = report_on WHERE id = ?", id_
            )

        self._later(reported, report)

    # what comes of itself

    def _birthday(self, day: date, start: datetime) -> None:
        who = self.rows.contact(created=start, birthday=f"1990-{day:%m-%d}", owner="wei")
        for on in yearly(day, start.astimezone(self.model.zone).date()):
            self.model.tell("birthday", who, on, self._from(on - 2 * DAY, time(9)), owner="wei")

    def _founded(self, day: date, start: datetime) -> None:
        who = self.rows.contact(created=start, owner="lin")
        self._sql("UPDATE contact SET fields = ? WHERE id = ?", (f'{{"founded": "1990-{day:%m-%d}"}}', who))
        for on in yearly(day, start.astimezone(self.model.zone).date()):
            self.model.tell("date", who, on, self._from(on - 3 * DAY, time()), detail="founded", owner="lin")

    def _ending(self, day: date, start: datetime) -> None:
        """Let a contract end a month later, and be prolonged by a year some days after that was told."""
        who, on = self.rows.contact(created=start, owner="wei"), day + 30 * DAY
        self._sql("UPDATE contact SET fields = ? WHERE id = ?", (f'{{"ends": "{on}"}}', who))
        telling = self.model.tell("date", who, on, self._at(day), detail="ends", owner="wei")
        longer = f'{{"ends": "{on + 365 * DAY}"}}'
        self.model.tell("date", who, on + 365 * DAY, self._from(day + 365 * DAY, time()), detail="ends", owner="wei")
        self._ends(
            [telling], self._at(day) + 3 * self._span(), "UPDATE contact SET fields = ? WHERE id = ?", longer, who
        )

    def _forgotten(self, day: date, _start: datetime) -> None:
        """Forget a customer for thirty days; somebody calls, or plans to, some time after that was told."""
        touched = self._at(day - 31 * DAY, time(15))
        who = self.rows.contact(created=touched, class_="core", owner="lin")
        due, since = day - DAY, self._from(day, time(7, 45))
        telling = self.model.tell("forgotten", who, due, since, owner="lin")
        planned = self.random.random() < 0.5

        def remembered(now: datetime) -> None:
            telling.over = now
            if planned:
                self.rows.callback(who, "2099-01-01")
                return
            self.rows.followup(who, now)
            local = now.astimezone(self.model.zone).date()
            following = local + 31 * DAY
            self.model.tell("forgotten", who, local + 30 * DAY, self._from(following, time(7, 45)), owner="lin")

        self._later(since + self._span(), remembered)

    def _noticed(self, day: date, start: datetime) -> None:
        """Let a rule plan a callback three days before a date: by the first run of a day, a week ahead."""
        planned = max(day, start.astimezone(self.model.zone).date() + 2 * DAY)
        who = self.rows.contact(created=start, owner="wei")
        fields = f'{{"insured": "{planned + 3 * DAY}"}}'
        self._sql("UPDATE contact SET fields = ? WHERE id = ?", (fields, who))
        telling = self.model.tell("callback", who, planned, self._before_midnight(planned), owner="wei")
        done = self._at(planned) + max(self._span(), HOUR)
        self._ends([telling], done, "UPDATE callback SET status = 'done' WHERE contact_id = ?", who)
