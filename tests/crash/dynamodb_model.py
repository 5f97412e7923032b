"""What a worker knows about its items: what was acknowledged, and what is in doubt."""

from wire import InDoubt

KEYS = 30


class Items:
    """The items of one worker in one table. `known` maps a key to the item or to None; `doubtful`
    maps a key to the other state it may be in, since the last write to it was not acknowledged."""

    def __init__(self, worker):
        self.table = f"table-{worker}"
        self.known = {}
        self.doubtful = {}
        self.created = False

    def step(self, wire, generator):
        """One random write; the model follows what the server acknowledged."""
        if not self.created:
            self._create(wire)
            return
        write = generator.choice([self._put, self._put, self._delete, self._count, self._batch])
        write(wire, generator)

    def _create(self, wire):
        existing = wire.call("dynamodb", "ListTables", Limit=100)["TableNames"]
        if self.table not in existing:
            wire.call("dynamodb", "CreateTable", TableName=self.table,
                      BillingMode="PAY_PER_REQUEST",
                      AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                      KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        self.created = True

    def _write(self, changes, operation):
        """Runs the operation; its changes (key to new state) become known, or doubtful."""
        try:
            operation()
        except InDoubt:
            self.doubtful.update(changes)
            raise
        self.known.update(changes)

    def _random_item(self, generator, key=None):
        key = key or f"k{generator.randrange(KEYS)}"
        size = generator.choice([1, 50, 1000, 30_000])
        return key, {"id": {"S": key}, "n": {"N": str(generator.randrange(1000))},
                     "text": {"S": f"{generator.randrange(10**9):09}" * (1 + size // 9)}}

    def _put(self, wire, generator):
        key, item = self._random_item(generator)
        self._write({key: item}, lambda: wire.call(
            "dynamodb", "PutItem", TableName=self.table, Item=item))

    def _delete(self, wire, generator):
        key = f"k{generator.randrange(KEYS)}"
        self._write({key: None}, lambda: wire.call(
            "dynamodb", "DeleteItem", TableName=self.table, Key={"id": {"S": key}}))

    def _count(self, wire, generator):
        key = f"k{generator.randrange(KEYS)}"
        before = self.known.get(key) or {"id": {"S": key}}
        after = {**before, "n": {"N": str(int(before.get("n", {"N": "0"})["N"]) + 1)}}
        self._write({key: after}, lambda: wire.call(
            "dynamodb", "UpdateItem", TableName=self.table, Key={"id": {"S": key}},
            UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}}))

    def _batch(self, wire, generator):
        changes = {}
        for number in generator.sample(range(KEYS), 5):
            key, item = self._random_item(generator, f"k{number}")
            changes[key] = item if generator.random() < 0.8 else None
        requests = [{"PutRequest": {"Item": item}} if item else
                    {"DeleteRequest": {"Key": {"id": {"S": key}}}} for key, item in changes.items()]
        self._write(changes, lambda: wire.call(
            "dynamodb", "BatchWriteItem", RequestItems={self.table: requests}))

    def check(self, wire):
        """Compares every item with what is known; yields what differs, and learns what is."""
        if not self.created:
            return
        found = self._scan(wire)
        for key in {*self.known, *self.doubtful, *found}:
            actual = found.get(key)
            possible = [self.known.get(key)]
            if key in self.doubtful:
                possible.append(self.doubtful[key])
            if actual not in possible:
                yield f"{self.table}: {key} is {shortened(actual)}, not " + " or ".join(
                    map(shortened, possible))
            direct = wire.call("dynamodb", "GetItem", TableName=self.table,
                               Key={"id": {"S": key}}, ConsistentRead=True).get("Item")
            if direct != actual:
                yield f"{self.table}: GetItem and Scan do not agree about {key}"
            self.known[key] = actual
        self.doubtful = {}

    def _scan(self, wire):
        found, more = {}, {}
        while True:
            page = wire.call("dynamodb", "Scan", TableName=self.table, ConsistentRead=True, **more)
            found.update({item["id"]["S"]: item for item in page["Items"]})
            if "LastEvaluatedKey" not in page:
                return found
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def count(self):
        return sum(item is not None for item in self.known.values())


def shortened(item):
    text = repr(item)
    return text if len(text) < 120 else text[:117] + "..."
