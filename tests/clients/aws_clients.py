"""boto3 clients for an endpoint, without retries, so that a test sees the first answer; and one
that speaks the query protocol, which SQS clients spoke until November 2023.
"""

import copy
import functools
import json
import pathlib
import tempfile

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config

CREDENTIALS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
REGION = "us-east-1"
OTHER_ACCOUNT = "111122223333"


def client(service, url, region=REGION, credentials=None, **config):
    """A boto3 client; `config` goes to botocore's Config."""
    settings = {"retries": {"total_max_attempts": 1}, "read_timeout": 60, **config}
    return boto3.client(service, endpoint_url=url, region_name=region, config=Config(**settings),
                        **(credentials or CREDENTIALS))


def error_of(raised):
    """(code, HTTP status) of a ClientError that pytest.raises caught."""
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def code_of(raised):
    return raised.value.response["Error"]["Code"]


# What the query protocol calls the members of lists and maps that today's model leaves unnamed.
_LIST_MEMBERS = {
    "AWSAccountIdList": "AWSAccountId",
    "ActionNameList": "ActionName",
    "AttributeNameList": "AttributeName",
    "BatchResultErrorEntryList": "BatchResultErrorEntry",
    "BinaryList": "BinaryListValue",
    "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
    "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
    "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
    "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
    "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry",
    "MessageAttributeNameList": "MessageAttributeName",
    "MessageList": "Message",
    "MessageSystemAttributeList": "MessageSystemAttributeName",
    "QueueUrlList": "QueueUrl",
    "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
    "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry",
    "StringList": "StringListValue",
    "TagKeyList": "TagKey",
}
_MAPS = {
    "MessageBodyAttributeMap": ("Name", "Value"),
    "MessageBodySystemAttributeMap": ("Name", "Value"),
    "MessageSystemAttributeMap": ("Name", "Value"),
    "QueueAttributeMap": ("Name", "Value"),
    "TagMap": ("Key", "Value"),
}
_MAP_MEMBERS = {"Attributes": "Attribute", "MessageAttributes": "MessageAttribute",
                "MessageSystemAttributes": "MessageSystemAttribute", "tags": "Tag", "Tags": "Tag"}


def _as_query_model(model):
    """Today's JSON model of SQS, turned into the one of the query protocol."""
    model = copy.deepcopy(model)
    metadata = model["metadata"]
    for key in ("awsQueryCompatible", "jsonVersion", "targetPrefix"):
        metadata.pop(key, None)
    metadata.update(protocol="query", protocols=["query"])
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = name + "Result"
    shapes = model["shapes"]
    for name, member in _LIST_MEMBERS.items():
        shapes[name]["member"]["locationName"] = member
    for name, (key, value) in _MAPS.items():
        shapes[name]["key"]["locationName"] = key
        shapes[name]["value"]["locationName"] = value
    for shape in shapes.values():
        for member, reference in shape.get("members", {}).items():
            if shapes[reference["shape"]]["type"] == "map":
                reference["locationName"] = _MAP_MEMBERS[member]
    return model


@functools.cache
def _query_models():
    """A directory with the query protocol's model of SQS, kept until the tests end."""
    directory = tempfile.TemporaryDirectory(prefix="matinee-query-model-")
    place = pathlib.Path(directory.name) / "sqs" / "2012-11-05"
    place.mkdir(parents=True)
    model = _as_query_model(botocore.loaders.Loader().load_service_model("sqs", "service-2"))
    (place / "service-2.json").write_text(json.dumps(model), encoding="utf-8")
    return directory


def query_sqs(url, region=REGION):
    """A complete SQS client that speaks the query protocol: forms in, XML out."""
    session = botocore.session.get_session()
    loader = botocore.loaders.Loader(
        extra_search_paths=[_query_models().name], include_default_search_paths=True)
    # The loader prefers the paths that come first, and this one must win.
    loader.search_paths.insert(0, _query_models().name)
    session.register_component("data_loader", loader)
    return session.create_client(
        "sqs", endpoint_url=url, region_name=region,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60), **CREDENTIALS)


class _CompressingLoader(botocore.loaders.Loader):
    """Every operation is one that takes compressed requests, as CloudWatch's PutMetricData is."""

    def load_service_model(self, *arguments, **options):
        model = copy.deepcopy(super().load_service_model(*arguments, **options))
        for operation in model.get("operations", {}).values():
            operation["requestcompression"] = {"encodings": ["gzip"]}
        return model


def compressing(service, url):
    """A client that compresses the bodies of its requests, however small they are."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _CompressingLoader())
    return session.create_client(
        service, endpoint_url=url, region_name=REGION,
        config=Config(retries={"total_max_attempts": 1}, request_min_compression_size_bytes=1),
        **CREDENTIALS)


class _ProtocolLoader(botocore.loaders.Loader):
    """Every service speaks one protocol alone, of those that its model offers."""

    def __init__(self, protocol):
        super().__init__()
        self._protocol = protocol

    def load_service_model(self, service, type_name, *arguments, **options):
        model = copy.deepcopy(super().load_service_model(service, type_name, *arguments, **options))
        if type_name == "service-2":
            assert self._protocol in model["metadata"]["protocols"]
            model["metadata"].update(protocol=self._protocol, protocols=[self._protocol])
            if self._protocol == "query":
                model["metadata"].pop("awsQueryCompatible", None)
        return model


def client_of_protocol(service, protocol, url):
    """A client that speaks `protocol`, one of those that its service's model lists."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _ProtocolLoader(protocol))
    return session.create_client(
        service, endpoint_url=url, region_name=REGION,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60), **CREDENTIALS)
