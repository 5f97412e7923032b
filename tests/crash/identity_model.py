"""What a worker knows about a user: its tags and inline policies, as far as they were acknowledged.

Each is a name with a text or nothing, like the items of a table.
"""

import json
import urllib.parse

from wire import InDoubt

NAMES = 8


class States:
    """Named things that are written as a whole or removed. `known` maps a name to its state or to
    None; `doubtful` to the other state that it may be in, since its last write was not
    acknowledged."""

    def __init__(self, label):
        self.label = label
        self.known = {}
        self.doubtful = {}
        self.created = False

    def step(self, wire, generator):
        """One random write; the model follows what the server acknowledged."""
        if not self.created:
            self.create(wire)
            self.created = True
            return
        name = f"n{generator.randrange(NAMES)}"
        state = f"{generator.randrange(10**9):09}" if generator.random() < 0.8 else None
        try:
            self.write(wire, name, state)
        except InDoubt:
            self.doubtful[name] = state
            raise
        self.known[name] = state

    def check(self, wire):
        """Compares every name with what is known; yields what differs, and learns what is."""
        if not self.created:
            return
        found = self.read(wire)
        for name in {*self.known, *self.doubtful, *found}:
            possible = {self.known.get(name), self.doubtful.get(name, self.known.get(name))}
            if found.get(name) not in possible:
                yield f"{self.label}: {name} is {found.get(name)}, not one of {possible}"
            self.known[name] = found.get(name)
        self.doubtful = {}

    def count(self):
        return sum(state is not None for state in self.known.values())

    def create(self, wire):
        """Makes what holds the states unless it is there."""
        raise NotImplementedError

    def write(self, wire, name, state):
        """Writes a state, or removes it where it is None; removing what is not there is fine."""
        raise NotImplementedError

    def read(self, wire):
        """All names that are there, with their states."""
        raise NotImplementedError


class UserPolicies(States):
    """The inline policies of a user, whose statement ids are the states."""

    def __init__(self, worker):
        super().__init__(f"policies of user-{worker}")
        self.user = f"user-{worker}"

    def create(self, wire):
        wire.query("iam", "CreateUser", accept=(409,), UserName=self.user)

    def write(self, wire, name, state):
        if state is None:
            wire.query("iam", "DeleteUserPolicy", accept=(404,), UserName=self.user,
                       PolicyName=name)
            return
        statement = {"Sid": state, "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
        wire.query("iam", "PutUserPolicy", UserName=self.user, PolicyName=name,
                   PolicyDocument=policy)

    def read(self, wire):
        names = wire.query("iam", "ListUserPolicies", UserName=self.user).iter("member")
        found = {}
        for name in [element.text for element in names]:
            answer = wire.query("iam", "GetUserPolicy", UserName=self.user, PolicyName=name)
            document = urllib.parse.unquote(next(answer.iter("PolicyDocument")).text)
            found[name] = json.loads(document)["Statement"]["Sid"]
        return found
