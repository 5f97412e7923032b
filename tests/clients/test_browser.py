"""What web pages can do to the cloud in a real browser: nothing, unless somebody has said so.

The attacker owns the name evil.example. The page is served from another port, and then, as after
DNS rebinding, from the cloud's own port under that name.
"""

import aws_clients
import browser
import matinee_server
import pytest

EVIL = "evil.example"
FILMS = "films.example"
ROOT = {"aws_access_key_id": "AKIDGOOD", "aws_secret_access_key": "secret"}

pytestmark = pytest.mark.skipif(not browser.is_here(), reason="needs chromium and chromium-driver")

# Each tries one thing and tells what it has seen of the reply.
SEND = """
const [url, options] = arguments;
return fetch(url, options).then(
    async reply => ({type: reply.type, status: reply.status, text: await reply.text()}),
    error => ({type: "error", text: String(error)}));
"""
IMAGE = """
const [url] = arguments;
return new Promise(resolve => {
  const image = new Image();
  image.onload = () => resolve("loaded");
  image.onerror = () => resolve("failed");
  image.src = url;
});
"""
POST_FORM = """
const [url, fields, type] = arguments;
const form = document.createElement("form");
form.method = "POST";
form.action = url;
form.enctype = type || "application/x-www-form-urlencoded";
for (const [name, value] of Object.entries(fields)) {
  const input = document.createElement("input");
  input.name = name;
  input.value = value;
  form.append(input);
}
const frame = document.createElement("iframe");
frame.name = "reply";
document.body.replaceChildren(frame, form);
form.target = "reply";
return new Promise(resolve => {
  frame.onload = () => resolve("sent");
  form.submit();
});
"""
UPLOAD_FORM = """
const [url, fields, content] = arguments;
const form = new FormData();
for (const [name, value] of Object.entries(fields)) form.append(name, value);
form.append("file", new Blob([content]), "film.txt");
return fetch(url, {method: "POST", body: form, mode: "no-cors"}).then(
    reply => reply.type, error => String(error));
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser.Browser(tmp_path_factory.mktemp("profile"),
                         {EVIL: "127.0.0.1", FILMS: "127.0.0.1"}) as running:
        yield running


@pytest.fixture(scope="module")
def pages():
    with browser.site() as port:
        yield port


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A server of this module, so that what pages may not make can be listed."""
    with matinee_server.Server(tmp_path_factory.mktemp("browser") / "data") as running:
        yield running


@pytest.fixture
def evil(chromium, pages):
    """A page of the attacker's."""
    chromium.open(f"http://{EVIL}:{pages}/")
    return chromium


@pytest.fixture
def clients(own):
    names = ("sqs", "s3", "dynamodb")
    return {name: aws_clients.client(
        name, own.url, **({"s3": {"addressing_style": "path"}} if name == "s3" else {}))
        for name in names}


def unsigned(key):
    return f"{key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x%2F20260101%2Fus-east-1" \
        "%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800" \
        "&X-Amz-SignedHeaders=host&X-Amz-Signature=00"


def test_a_foreign_page_writes_nothing(own, evil, clients):
    clients["s3"].create_bucket(Bucket="shielded")
    queue = clients["sqs"].create_queue(QueueName="kept")["QueueUrl"]
    for url in (own.url, own.url.replace("127.0.0.1", "localhost")):
        create = {"Action": "CreateQueue", "QueueName": "pwn", "Version": "2012-11-05"}
        assert evil.run(POST_FORM, url, create) == "sent"
        path = queue.partition(str(own.port))[2]
        assert evil.run(POST_FORM, url + path, {"Action": "DeleteQueue"}) == "sent"
        query = "?Action=CreateQueue&QueueName=pwn2&Version=2012-11-05"
        assert evil.run(IMAGE, f"{url}/{query}") == "failed"
        assert evil.run(IMAGE, f"{url}{path}?Action=DeleteQueue") == "failed"
        assert evil.run(SEND, f"{url}/{query}", {
            "mode": "no-cors", "referrerPolicy": "no-referrer"})["type"] == "opaque"
        assert evil.run(SEND, f"{url}/shielded/{unsigned('k')}&uploads", {
            "mode": "no-cors", "method": "POST"})["type"] == "opaque"
        assert evil.run(UPLOAD_FORM, f"{url}/shielded",
                        {"key": "page.html", "Content-Type": "text/html"}, "<h1>") == "opaque"
        put = evil.run(SEND, f"{url}/shielded/{unsigned('k')}", {"method": "PUT", "body": "x"})
        assert put["type"] == "error"
        table = evil.run(SEND, url, {"method": "POST", "body": "{}", "headers": {
            "X-Amz-Target": "DynamoDB_20120810.ListTables",
            "Content-Type": "application/x-amz-json-1.0"}})
        assert table["type"] == "error"
    assert [found.rpartition("/")[2] for found in clients["sqs"].list_queues()["QueueUrls"]] == \
        ["kept"]
    assert not clients["s3"].list_objects_v2(Bucket="shielded").get("Contents")
    assert not clients["s3"].list_multipart_uploads(Bucket="shielded").get("Uploads")


def test_a_rebound_name_reads_nothing(own, chromium, clients):
    bucket = "rebound"
    clients["s3"].create_bucket(Bucket=bucket)
    clients["s3"].put_object(Bucket=bucket, Key="secret", Body=b"the secret")
    origin = f"http://{EVIL}:{own.port}"
    chromium.open(f"{origin}/")  # of the very origin that it is going to read
    assert "--allow-host" in chromium.text()
    for path in (f"/{bucket}/{unsigned('secret')}", f"/{unsigned('')}",
                 "/?Action=ListQueues&Version=2012-11-05", f"/{bucket}/secret"):
        reply = chromium.run(SEND, origin + path, {})
        assert (reply["type"], reply["status"]) == ("basic", 403), path
        assert "secret</" not in reply["text"] and "the secret" not in reply["text"]
    tables = chromium.run(SEND, origin, {"method": "POST", "body": "{}", "headers": {
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Content-Type": "application/x-amz-json-1.0"}})
    assert tables["status"] == 403
    assert "TableNames" not in tables["text"]


def test_a_page_of_this_machine_uses_dynamodb(own, chromium, pages, clients):
    chromium.open(f"http://localhost:{pages}/")
    reply = chromium.run(SEND, own.url, {"method": "POST", "body": "{}", "headers": {
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Content-Type": "application/x-amz-json-1.0"}})
    assert (reply["type"], reply["status"]) == ("cors", 200), reply
    assert "TableNames" in reply["text"]


def test_a_form_of_a_page_of_this_machine_uploads(own, chromium, pages, clients):
    bucket = "formed"
    clients["s3"].create_bucket(Bucket=bucket)
    form = clients["s3"].generate_presigned_post(bucket, "film")
    chromium.open(f"http://localhost:{pages}/")
    assert chromium.run(UPLOAD_FORM, form["url"], form["fields"], "content") == "opaque"
    stored = clients["s3"].get_object(Bucket=bucket, Key="film")
    assert stored["Body"].read() == b"content"


def test_a_presigned_link_opens_from_any_page(own, evil, clients):
    bucket = "linked"
    clients["s3"].create_bucket(Bucket=bucket)
    clients["s3"].put_object(Bucket=bucket, Key="k.txt", Body=b"linked content",
                             ContentType="text/plain")
    url = clients["s3"].generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k.txt"})
    evil.run("document.body.innerHTML = `<a id=link href=\"${arguments[0]}\">open</a>`;"
             "document.getElementById('link').click();", url)
    assert evil.text() == "linked content"


def test_an_allowed_origin_may_do_everything(tmp_path, chromium, pages):
    arguments = ["--allow-origin", f"http://{FILMS}:*"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        chromium.open(f"http://{FILMS}:{pages}/")
        create = {"Action": "CreateQueue", "QueueName": "made", "Version": "2012-11-05"}
        chromium.run(POST_FORM, server.url, create)
        queues = aws_clients.client("sqs", server.url).list_queues()["QueueUrls"]
        assert len(queues) == 1


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    key = f"{ROOT['aws_access_key_id']}:{ROOT['aws_secret_access_key']}"
    with matinee_server.Server(tmp_path_factory.mktemp("strict") / "data",
                               ["--auth", "sigv4", "--key", key]) as running:
        yield running


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_browser_uploads_to_a_presigned_url_by_the_rule_of_its_bucket(strict, chromium, pages,
                                                                      version):
    s3 = aws_clients.client("s3", strict.url, credentials=ROOT, signature_version=version,
                            s3={"addressing_style": "path"})
    bucket = f"uploads-{version}"
    s3.create_bucket(Bucket=bucket)
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "film",
                                                   "ContentType": "text/plain"})
    put = {"method": "PUT", "body": "from a browser", "headers": {"Content-Type": "text/plain"}}
    chromium.open(f"http://{FILMS}:{pages}/")
    assert chromium.run(SEND, url, put)["type"] == "error"
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [{
        "AllowedOrigins": [f"http://{FILMS}:*"], "AllowedMethods": ["PUT", "GET"],
        "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"]}]})
    reply = chromium.run(SEND, url, put)
    assert (reply["type"], reply["status"]) == ("cors", 200), reply
    assert s3.get_object(Bucket=bucket, Key="film")["Body"].read() == b"from a browser"
    read = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "film"})
    assert chromium.run(SEND, read, {})["text"] == "from a browser"
    chromium.open(f"http://{EVIL}:{pages}/")
    assert chromium.run(SEND, read, {})["type"] == "error"
