"""AWS::Events types in stacks."""

import aws_clients
from stack_kit import Stack, ref


def test_a_rule_follows_its_bus_when_that_is_replaced(endpoint, name):
    events = aws_clients.client("events", endpoint)
    stack = Stack(endpoint, name)
    first, second = f"{name}-first", f"{name}-second"

    def resources(bus):
        return {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": bus}},
                "Rule": {"Type": "AWS::Events::Rule", "Properties": {
                    "EventBusName": ref("Bus"), "EventPattern": {"source": ["films"]}}}}

    def buses():
        return [bus["Name"] for bus in events.list_event_buses(NamePrefix=name)["EventBuses"]]

    stack.create(resources(first))
    stack.update(resources(second))
    assert buses() == [second]
    rules = [rule["Name"] for rule in events.list_rules(EventBusName=second)["Rules"]]
    assert stack.ids()["Rule"] == f"{second}|{rules[0]}"
    assert len(rules) == 1
    stack.delete()
    assert buses() == []
