"""The clock of a server, moved over its page. Times are datetimes in UTC."""

import datetime

import own_pages


class Clock:
    def __init__(self, server):
        self.server = server

    def _ask(self, method="GET", **parameters):
        return own_pages.ask(self.server, method, "clock", **parameters)

    def now(self):
        return datetime.datetime.fromisoformat(self._ask()["Now"])

    def advance(self, **span):
        """By days=, hours=, minutes=, seconds=, as timedelta has them."""
        self.set(self.now() + datetime.timedelta(**span))

    def set(self, time):
        """To a datetime, or to text such as 2027-03-14T06:30:00Z. All that is due has run then."""
        if not isinstance(time, str):
            time = time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        while not self._ask("POST", set=time)["Complete"]:
            pass
