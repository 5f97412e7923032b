"""The template of the crash test of stacks: about 100 resources of many types, which need each
other, in three versions. From one to the next some change in place, some are replaced, some go
and some come.
"""

import json

TAKEN_BUCKET = "templates-of-the-crash-test"
TAKEN = "taken-by-others"
NESTED_KEY = "nested.json"
CODE = "def handler(event, context):\n    return {'version': '%d'}\n"
ANSWERING = """import cfnresponse
def handler(event, context):
    cfnresponse.send(event, context, cfnresponse.SUCCESS,
                     {'Told': event['ResourceProperties'].get('Say', 'bye')}, 'told')
"""


def _ref(name):
    return {"Ref": name}


def _of(name, attribute="Arn"):
    return {"Fn::GetAtt": [name, attribute]}


def _policy(principal, action, resource):
    return {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": action, "Resource": resource,
        **({"Principal": {"Service": principal}} if principal else {})}]}


def _assumed_by(service):
    return {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]}


KEY = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
       "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
# What cannot be made, because there is one of that name already, which must stay what it is.
FAILING = [
    ("S3::Bucket", {"BucketName": TAKEN_BUCKET}),
    ("IAM::Role", {"RoleName": TAKEN, "AssumeRolePolicyDocument": _assumed_by("s3.amazonaws.com")}),
    ("Logs::LogGroup", {"LogGroupName": TAKEN, "RetentionInDays": 1}),
    ("DynamoDB::Table", {"TableName": TAKEN, **KEY}),
    ("SSM::Parameter", {"Name": TAKEN, "Type": "String", "Value": "mine"}),
    ("Events::EventBus", {"Name": TAKEN}),
]


def take_names(wire):
    """Makes what those that fail find there, and the template of the nested stack."""
    wire.s3("PUT", f"/{TAKEN_BUCKET}")
    wire.s3("PUT", f"/{TAKEN_BUCKET}/{NESTED_KEY}", nested().encode())
    wire.query("iam", "CreateRole", RoleName=TAKEN,
               AssumeRolePolicyDocument=json.dumps(_assumed_by("lambda.amazonaws.com")))
    wire.call("logs", "CreateLogGroup", logGroupName=TAKEN)
    wire.call("dynamodb", "CreateTable", TableName=TAKEN, **KEY)
    wire.call("ssm", "PutParameter", Name=TAKEN, Type="String", Value="theirs")
    wire.call("events", "CreateEventBus", Name=TAKEN)


def nested(endpoint_of_queue="Inner"):
    """What the nested stack is made of; it is put into a bucket before."""
    return json.dumps({
        "Parameters": {"Delay": {"Type": "Number"}},
        "Resources": {
            endpoint_of_queue: {"Type": "AWS::SQS::Queue",
                                "Properties": {"DelaySeconds": _ref("Delay")}},
            "InnerTopic": {"Type": "AWS::SNS::Topic"},
            "InnerSubscription": {"Type": "AWS::SNS::Subscription", "Properties": {
                "TopicArn": _ref("InnerTopic"), "Protocol": "sqs",
                "Endpoint": _of(endpoint_of_queue)}}},
        "Outputs": {"Arn": {"Value": _of(endpoint_of_queue)}}})


class Template:
    """Version 0, 1 or 2 of the template, for a stack of that name. `fails` is one of FAILING."""

    def __init__(self, stack, version, fails=None):
        self.stack = stack
        self.version = version
        self.fails = fails
        self.resources = {}
        self._messages()
        self._storage()
        self._identities()
        self._functions()
        self._called_functions()
        self._events()
        self._values()
        self._watching()
        self._others()
        if fails:
            # Only when most of all else is there.
            kind, properties = fails
            self._add("Failing", kind, DependsOn=["F0", "F7", "Nested", "M0", "Told"], **properties)

    def _add(self, name, kind, DependsOn=None, **properties):
        self.resources[name] = {"Type": f"AWS::{kind}", "Properties": properties}
        if DependsOn:
            self.resources[name]["DependsOn"] = DependsOn

    def _there(self, index, count):
        """Of a row of resources the last goes, and another comes, with each version."""
        return self.version <= index < count + self.version

    def _named(self, name):
        """A name that changes with the version, by which the resource is replaced. One that fails
        has its own: a queue's name cannot be used again for a minute.
        """
        return f"{self.stack}-{name}-{'failing' if self.fails else 'version'}-{self.version}"

    def _messages(self):
        self._add("Dead", "SQS::Queue", QueueName=self._named("dead"))
        for i in range(12):
            if self._there(i, 10):
                self._add(f"Q{i}", "SQS::Queue", VisibilityTimeout=30 + self.version * (i % 2),
                          RedrivePolicy={"deadLetterTargetArn": _of("Dead"), "maxReceiveCount": 3})
        self._add("Line", "SQS::Queue", FifoQueue=True, DelaySeconds=self.version)
        for i in range(2, 10):
            self._add(f"T{i}", "SNS::Topic", DisplayName=f"topic {i} of {self.version}",
                      **({"TopicName": self._named("topic")} if i == 2 else {}))
            self._add(f"S{i}", "SNS::Subscription", TopicArn=_ref(f"T{i}"), Protocol="sqs",
                      Endpoint=_of(f"Q{i}"), RawMessageDelivery=self.version == 1)
        for i in range(2, 5):
            self._add(f"QP{i}", "SQS::QueuePolicy", Queues=[_ref(f"Q{i}")], PolicyDocument=_policy(
                "sns.amazonaws.com", "sqs:SendMessage", _of(f"Q{i}")))
        self._add("TP", "SNS::TopicPolicy", Topics=[_ref("T3")], PolicyDocument=_policy(
            "events.amazonaws.com", "sns:Publish", _ref("T3")))

    def _storage(self):
        for i in range(6):
            if not self._there(i, 4):
                continue
            key = f"key{self.version}" if i == 2 else "id"
            self._add(f"Table{i}", "DynamoDB::Table", BillingMode="PAY_PER_REQUEST",
                      AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                      KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                      DeletionProtectionEnabled=False,
                      Tags=[{"Key": "version", "Value": str(self.version)}])
            self._add(f"Bucket{i}", "S3::Bucket", VersioningConfiguration={
                "Status": "Enabled" if self.version < 2 else "Suspended"},
                **({"BucketName": self._named("bucket")} if i == 2 else {}))
        self._add("BP", "S3::BucketPolicy", Bucket=_ref("Bucket2"), PolicyDocument=_policy(
            "logs.amazonaws.com", "s3:PutObject", {"Fn::Sub": "${Bucket2.Arn}/*"}))

    def _identities(self):
        for i in range(4):
            self._add(f"Role{i}", "IAM::Role", AssumeRolePolicyDocument=_assumed_by(
                "lambda.amazonaws.com"), Description=f"version {self.version}",
                **({"RoleName": self._named("role")} if i == 3 else {}))
        self._add("Schedules", "IAM::Role", AssumeRolePolicyDocument=_assumed_by(
            "scheduler.amazonaws.com"))
        for i in range(3):
            self._add(f"Policy{i}", "IAM::Policy", PolicyName=f"{self.stack}-policy-{i}",
                      Roles=[_ref(f"Role{i}")], PolicyDocument=_policy(
                          None, ["sqs:*", "logs:*"][:1 + self.version % 2], "*"))
        self._add("Managed", "IAM::ManagedPolicy", Roles=[_ref("Role0")], PolicyDocument=_policy(
            None, "sqs:*" if self.version else "sns:*", "*"))

    def _functions(self):
        for i in range(10):
            if self._there(i, 8) or i in (0, 7):
                self._add(f"F{i}", "Lambda::Function", Runtime="python3.12",
                          Handler="index.handler", Role=_of(f"Role{i % 4}"),
                          Code={"ZipFile": CODE % (self.version if i % 2 else 0)},
                          Environment={"Variables": {"TABLE": _ref("Table3"),
                                                     "VERSION": str(self.version * (i % 3))}})
        for i, queue in enumerate(("Q2", "Q3", "Q4", "Line")):
            self._add(f"M{i}", "Lambda::EventSourceMapping", DependsOn=["Policy0"],
                      EventSourceArn=_of(queue), FunctionName=_ref(f"F{i + 3}"),
                      BatchSize=5 + self.version, Enabled=i != 3)

    def _called_functions(self):
        self._add(f"Version{self.version}", "Lambda::Version", FunctionName=_ref("F3"),
                  Description=f"version {self.version}")
        self._add("Live", "Lambda::Alias", FunctionName=_ref("F3"), Name="live",
                  FunctionVersion=_of(f"Version{self.version}", "Version"))
        self._add("Retries", "Lambda::EventInvokeConfig", FunctionName=_ref("F4"),
                  Qualifier="$LATEST", MaximumRetryAttempts=self.version % 3)
        self._add("Url", "Lambda::Url", TargetFunctionArn=_of("F5"), AuthType=(
            "NONE" if self.version else "AWS_IAM"))
        self._add("Layer", "Lambda::Permission", FunctionName=_ref("F6"),
                  Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
        self._add("Teller", "Lambda::Function", Runtime="python3.12", Handler="index.handler",
                  Role=_of("Role0"), Code={"ZipFile": ANSWERING})
        self._add("Told", "CloudFormation::CustomResource", ServiceToken=_of("Teller"),
                  ServiceTimeout=60, Say=f"version {self.version}")

    def _events(self):
        self._add("Bus", "Events::EventBus", Name=self._named("bus"))
        for i in range(5):
            if not self._there(i, 3):
                continue
            self._add(f"Rule{i}", "Events::Rule", State="ENABLED",
                      ScheduleExpression=f"rate({2 + self.version} days)",
                      Targets=[{"Id": "f", "Arn": _of("F7")},
                               {"Id": "q", "Arn": _of("Q5")}][:1 + i % 2])
            self._add(f"Allow{i}", "Lambda::Permission", FunctionName=_ref("F7"),
                      Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
                      SourceArn=_of(f"Rule{i}"))
        self._add("OfBus", "Events::Rule", EventBusName=_ref("Bus"), EventPattern={
            "source": [f"crash.{self.version}"]}, Targets=[{"Id": "q", "Arn": _of("Q6")}])
        self._add("Group", "Scheduler::ScheduleGroup", Name=self._named("group"))
        for i in range(4):
            self._add(f"Sched{i}", "Scheduler::Schedule", GroupName=(
                _ref("Group") if i < 2 else "default"), ScheduleExpression="rate(3 days)",
                State="ENABLED" if self.version < 2 else "DISABLED", FlexibleTimeWindow={
                    "Mode": "OFF"}, Target={"Arn": _of("Q7"), "RoleArn": _of("Schedules")})

    def _values(self):
        for i in range(6):
            if self._there(i, 4):
                self._add(f"P{i}", "SSM::Parameter", Type="String",
                          Value=f"value {self.version}",
                          **({"Name": "/" + self._named("parameter")} if i == 2 else {}))
                self._add(f"Sec{i}", "SecretsManager::Secret", KmsKeyId=_ref("Key0"),
                          Description=f"version {self.version}",
                          GenerateSecretString={"PasswordLength": 20})
        for i in range(3):
            self._add(f"Key{i}", "KMS::Key", Description=f"key {i} of {self.version}",
                      EnableKeyRotation=self.version == 1, PendingWindowInDays=7)
            self._add(f"KeyName{i}", "KMS::Alias", TargetKeyId=_ref(f"Key{i}"),
                      AliasName=f"alias/{self.stack}-{i}-{self.version if i else 0}")

    def _watching(self):
        for i in range(6):
            if not self._there(i, 4):
                continue
            self._add(f"Log{i}", "Logs::LogGroup", RetentionInDays=[1, 3, 5][self.version],
                      **({"LogGroupName": self._named("log")} if i == 2 else {}))
            self._add(f"Alarm{i}", "CloudWatch::Alarm", Namespace="Crash", MetricName="Count",
                      Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=self.version,
                      ComparisonOperator="GreaterThanThreshold", AlarmActions=[_ref("T4")],
                      TreatMissingData="notBreaching")
        self._add("Filter", "Logs::MetricFilter", LogGroupName=_ref("Log2"), FilterPattern="ERROR",
                  MetricTransformations=[{"MetricName": "Errors", "MetricNamespace": "Crash",
                                          "MetricValue": str(1 + self.version)}])

    def _others(self):
        self._add("Nested", "CloudFormation::Stack", Parameters={"Delay": str(self.version)},
                  TemplateURL=f"https://{TAKEN_BUCKET}.s3.amazonaws.com/{NESTED_KEY}")

    def body(self):
        outputs = {
            "Queue": {"Value": _of("Q5"), "Export": {"Name": f"{self.stack}-queue"}},
            "Dead": {"Value": _ref("Dead")}, "Told": {"Value": _of("Told", "Told")},
            "Inner": {"Value": _of("Nested", "Outputs.Arn")}}
        return json.dumps({"Resources": self.resources, "Outputs": outputs})

    def types(self):
        return {resource["Type"] for resource in self.resources.values()}
