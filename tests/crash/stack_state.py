"""What is there after a stack was made, changed or removed, in a form in which two runs can be
compared: what the stack says, and what the services really have. Made-up ids and times become
letters; everything else counts, also how often it is there.
"""

import json
import re

from wire import Refused

REFUSED = (400, 404)
MADE_UP = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"(:secret:[\w/+=.@-]+)-[A-Za-z0-9]{6}\b"), r"\1-SUFFIX"),
    (re.compile(r"-[A-Za-z0-9]{12,13}\b"), "-RANDOM"),
    (re.compile(r"\bA(?:ROA|NPA|IDA|KIA)[A-Z0-9]{12,17}\b"), "UNIQUE"),
    (re.compile(r"https?://[^/\"]*lambda-url[^/\"]*"), "URL"),
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), r"\1"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:?\d\d)"), "TIME"),
]
TIMES = re.compile(r"(?:Date|Time|Modified|Created|Updated|Until)$")


def without_made_up(value):
    """A text, a tree or a list of them, with what differs from run to run taken out."""
    if isinstance(value, dict):
        return {name: "TIME" if TIMES.search(name) and isinstance(part, (int, float))
                else without_made_up(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted((without_made_up(part) for part in value), key=json.dumps)
    if isinstance(value, str):
        if value.startswith(("{", "[")):
            try:
                return without_made_up(json.loads(value))
            except ValueError:
                pass
        for pattern, letter in MADE_UP:
            value = pattern.sub(letter, value)
    return value


def _comparable(value):
    return json.dumps(without_made_up(value), sort_keys=True)


def _members(element):
    """The texts of an element's children by their names."""
    return {child.tag: (child.text or "").strip() for child in element if not len(child)}


def described(wire, stack):
    """What DescribeStacks says of it; None where there is none of that name."""
    answer = wire.query("cloudformation", "DescribeStacks", accept=REFUSED, StackName=stack)
    found = answer.find(".//Stacks/member")
    return None if found is None else found


def status_of(wire, stack):
    found = described(wire, stack)
    return None if found is None else found.findtext("StackStatus")


def pages(wire, operation, **parameters):
    """Each element of the list that an operation of CloudFormation answers with."""
    token = {}
    while True:
        answer = wire.query("cloudformation", operation, **parameters, **token)
        yield from answer.findall(f"./{operation}Result/*/member")
        following = answer.findtext(f"./{operation}Result/NextToken")
        if not following:
            return
        token = {"NextToken": following}


def has_begun(wire, stack, token):
    """Whether an operation that was asked for with that token has written anything."""
    if described(wire, stack) is None:
        return False
    return any(event.findtext("ClientRequestToken") == token
               for event in pages(wire, "DescribeStackEvents", StackName=stack))


def failures(wire, stack):
    """What has failed, and why, the newest first."""
    return [f"{event.findtext('LogicalResourceId')} {event.findtext('ResourceStatus')}: "
            f"{event.findtext('ResourceStatusReason')}"
            for event in pages(wire, "DescribeStackEvents", StackName=stack)
            if (event.findtext("ResourceStatus") or "").endswith("_FAILED")]


def physical_ids(wire, stack):
    """{logical id: physical id} of what the stack has."""
    return {resource.findtext("LogicalResourceId"): resource.findtext("PhysicalResourceId")
            for resource in pages(wire, "ListStackResources", StackName=stack)
            if not resource.findtext("ResourceStatus").startswith("DELETE_")}


def of_stack(wire, stack):
    """Lines about a stack: its status, outputs, exports, and resources with their ids."""
    found = described(wire, stack)
    if found is None:
        return []
    lines = [f"status {found.findtext('StackStatus')}"]
    for output in found.findall("Outputs/member"):
        lines.append("output " + _comparable(_members(output)))
    for export in pages(wire, "ListExports"):
        lines.append("export " + _comparable(_members(export)))
    for resource in pages(wire, "ListStackResources", StackName=stack):
        told = _members(resource)
        told.pop("LastUpdatedTimestamp", None)
        if told["LogicalResourceId"] == "Failing":
            told.pop("ResourceType")  # another one each time
        lines.append("resource " + _comparable(told))
    return lines


class Services:
    """What the services have of some types, as Cloud Control lists and reads it."""

    OF_FUNCTIONS = {"AWS::Lambda::Version": "FunctionName", "AWS::Lambda::Alias": "FunctionName",
                    "AWS::Lambda::Permission": "FunctionName", "AWS::Lambda::Url":
                    "TargetFunctionArn", "AWS::Lambda::EventInvokeConfig": "FunctionName"}
    NOT_LISTED = {"AWS::CloudFormation::CustomResource", "AWS::IAM::Policy",
                  "AWS::CloudFormation::Stack", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}

    def __init__(self, types):
        self.types = sorted(set(types) - self.NOT_LISTED)

    def read(self, wire):
        """A line for each resource of each type."""
        functions = self._listed(wire, "AWS::Lambda::Function", None)
        lines = []
        for kind in self.types:
            for model in self._models(wire, kind, functions):
                for identifier in self._listed(wire, kind, model):
                    lines.append(self._line(wire, kind, identifier))
        for queue in self._listed(wire, "AWS::SQS::Queue", None):
            answer = wire.call("sqs", "GetQueueAttributes", QueueUrl=queue,
                               AttributeNames=["QueueArn", "Policy"])
            lines.append("policy " + _comparable(answer))
        for topic in self._listed(wire, "AWS::SNS::Topic", None):
            answer = wire.query("sns", "GetTopicAttributes", TopicArn=topic)
            policy = next(entry.findtext("value") for entry in answer.iter("entry")
                          if entry.findtext("key") == "Policy")
            lines.append(f"policy {_comparable(topic)} {_comparable(policy)}")
        for stack in pages(wire, "DescribeStacks"):
            lines.append("stack " + without_made_up(stack.findtext("StackName")))
        return lines

    def _models(self, wire, kind, functions):
        if kind == "AWS::Events::Rule":
            return [json.dumps({"EventBusName": bus})
                    for bus in self._listed(wire, "AWS::Events::EventBus", None)]
        if kind not in self.OF_FUNCTIONS:
            return [None]
        return [json.dumps({self.OF_FUNCTIONS[kind]: function}) for function in functions]

    @staticmethod
    def _listed(wire, kind, model):
        more = {"ResourceModel": model} if model else {}
        found = []
        while True:
            answer = wire.call("cloudcontrolapi", "ListResources", accept=REFUSED, TypeName=kind,
                               **more)
            if "__type" in answer:
                if "ResourceNotFound" in answer["__type"]:
                    return found
                raise Refused(f"ListResources of {kind}: {answer}")
            found += [each["Identifier"] for each in answer["ResourceDescriptions"]]
            if not answer.get("NextToken"):
                return found
            more["NextToken"] = answer["NextToken"]

    @staticmethod
    def _line(wire, kind, identifier):
        answer = wire.call("cloudcontrolapi", "GetResource", accept=REFUSED, TypeName=kind,
                           Identifier=identifier)
        if "__type" in answer:
            return f"{kind} {without_made_up(identifier)} cannot be read: {answer['__type']}"
        return f"{kind} " + _comparable(answer["ResourceDescription"]["Properties"])
