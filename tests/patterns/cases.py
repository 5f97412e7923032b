"""Random patterns, and events that are near to matching them."""

import json
import random

NAMES = ["a", "b", "c", "d", "a.b", "source"]
TEXTS = ["x", "y", "xy", "yx", "xyx", "", "X", "Xy", "a/b/c", "a/b", "é", "É", "straße",
         "STRASSE", "10.0.0.1", "10.0.0.01", "10.0.1.1", "::1", "0:0:0:0:0:0:0:1",
         "2001:db8::ff", "10.0.0.256", "1", "300", "true", "null", 'q"q', "back\\slash", "*",
         "tab\tand\n"]
NUMBERS = ["0", "1", "2", "-1", "1.5", "300", "300.0", "3.0e2", "3E+2", "-0", "0.0", "1e-7",
           "12345678901234567890", "0.1", "0.10", "0.30000000000000004",
           "0.12345678901234567", "1e400", "5000000001", "-5.0e9", "9007199254740993",
           "9007199254740992", "1e22", "1e-400"]
WORDS = ["true", "false", "null"]
# Without 0.0.0.0/0, of which AWS's matcher finds that some addresses of IPv6 are in it.
BLOCKS = ["10.0.0.0/24", "10.0.0.5/31", "::/64", "2001:db8::/32", "10.0.0.0/8"]
WILDCARDS = ["*", "x*", "*y", "x*y", "*x*", "a/*/c", "*/b/*", "x", "*x*y*", "\\*", "b*\\\\*"]


class Maker:
    """Makes cases from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, probability):
        return self.random.random() < probability

    def text(self):
        return json.dumps(self.pick(TEXTS), ensure_ascii=self.chance(0.3))

    def number(self):
        return self.pick(NUMBERS)

    def scalar(self):
        kind = self.random.random()
        return self.text() if kind < 0.6 else self.number() if kind < 0.85 else self.pick(WORDS)

    def listed(self, make, most=3):
        return "[" + ",".join(make() for _ in range(self.random.randint(1, most))) + "]"

    def one_or_list(self, make):
        return make() if self.chance(0.5) else self.listed(make)

    def wildcard(self):
        return json.dumps(self.pick(WILDCARDS))

    def affix(self):
        return self.text() if self.chance(0.7) else '{"equals-ignore-case":%s}' % self.text()

    def nonempty(self):
        return json.dumps(self.pick([text for text in TEXTS if text]))

    def anything_but(self):
        return self.pick([
            lambda: self.one_or_list(self.text),
            lambda: self.one_or_list(lambda: self.pick(["0", "1", "300", "1.5", "0.1"])),
            lambda: '{"prefix":%s}' % self.one_or_list(self.nonempty),
            lambda: '{"suffix":%s}' % self.one_or_list(self.nonempty),
            lambda: '{"equals-ignore-case":%s}' % self.one_or_list(self.text),
            lambda: '{"wildcard":%s}' % self.one_or_list(self.wildcard)])()

    def numeric(self):
        low, high = self.pick(NUMBERS[:14]), self.pick(NUMBERS[:14])
        return self.pick([
            lambda: '["%s",%s]' % (self.pick(["=", "<", "<=", ">", ">="]), low),
            lambda: '["%s",%s,"%s",%s]' % (self.pick([">", ">="]), low, self.pick(["<", "<="]),
                                           high)])()

    def operator(self):
        name, make = self.pick([
            ("prefix", self.affix), ("suffix", self.affix), ("wildcard", self.wildcard),
            ("equals-ignore-case", self.text), ("anything-but", self.anything_but),
            ("numeric", self.numeric), ("exists", lambda: self.pick(["true", "false"])),
            ("cidr", lambda: json.dumps(self.pick(BLOCKS))), ("exactly", self.text)])
        return '{"%s":%s}' % (name, make())

    def test(self):
        return self.scalar() if self.chance(0.45) else self.operator()

    def members(self, make, most):
        names = [self.pick(NAMES) for _ in range(self.random.randint(1, most))]
        if not self.chance(0.1):
            names = list(dict.fromkeys(names))
        return ",".join("%s:%s" % (json.dumps(name), make()) for name in names)

    def object_pattern(self, depth):
        body = self.members(lambda: self.pattern_value(depth - 1), 3)
        if depth > 0 and self.chance(0.15):
            branches = ["{%s}" % self.members(lambda: self.pattern_value(depth - 1), 2)
                        for _ in range(self.random.randint(2, 3))]
            choice = '"$or":[%s]' % ",".join(branches)
            body = choice if self.chance(0.3) else body + "," + choice
        return "{%s}" % body

    def pattern_value(self, depth):
        if depth > 0 and self.chance(0.4):
            return self.object_pattern(depth)
        return self.listed(self.test)

    def pattern(self):
        return self.object_pattern(2)

    def event_value(self, depth):
        kind = self.random.random()
        if depth > 0 and kind < 0.35:
            return self.event(depth)
        if depth > 0 and kind < 0.6:
            count = self.random.randint(0, 3)
            return "[" + ",".join(self.event_value(depth - 1) for _ in range(count)) + "]"
        return self.scalar()

    def event(self, depth=3):
        if self.chance(0.05):
            return "{}"
        return "{%s}" % self.members(lambda: self.event_value(depth - 1), 4)

    def damaged(self, pattern):
        """The pattern with one thing wrong, or with luck still right."""
        at = self.random.randrange(len(pattern))
        return self.pick([
            lambda: pattern[:at],
            lambda: pattern[:at] + pattern[at + 1:],
            lambda: pattern[:at] + self.pick(list('{}[]:,"x1 -.\\/\t')) + pattern[at:],
            lambda: pattern[:at] + self.scalar() + pattern[at:],
            lambda: pattern.replace(self.pick(["prefix", "suffix", "numeric", "exists", "cidr",
                                               "wildcard", "anything-but"]), self.pick(
                                                   ["prefix", "numeric", "exists", "other"]), 1),
            lambda: pattern.replace(self.pick(TEXTS[:3]), self.scalar(), 1),
            lambda: self.pick([self.scalar(), "[%s]" % pattern, "", "{}", "{\n %s" % pattern[1:]])
        ])()

    def case(self):
        pattern = self.pattern()
        if self.chance(0.25):
            pattern = self.damaged(pattern)
        return {"pattern": pattern, "events": [self.event() for _ in range(12)]}
