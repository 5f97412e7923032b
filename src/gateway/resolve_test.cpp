// Which operation a request resolves to, for the forms that clients of all ages send.
#include "gateway/resolve.h"

#include <gtest/gtest.h>

#include "dynamodb/operations.h"
#include "s3/operations.h"
#include "s3control/operations.h"
#include "sqs/operations.h"
#include "sts/operations.h"

namespace matinee::gateway {
namespace {

using protocol::HttpRequest;
using protocol::Protocol;

constexpr std::array<const protocol::ServiceModel*, 5> models = {
    &sqs::model, &dynamodb::model, &s3::model, &s3control::model, &sts::model};
const Router router{models};

HttpRequest make_request(std::string method, std::string_view target,
                         std::initializer_list<protocol::Headers::Field> headers = {}) {
  HttpRequest request;
  request.method = std::move(method);
  EXPECT_TRUE(request.set_target(target));
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  return request;
}

/// "s3.GetObject", or "s3!NoSuchThing" for an error.
std::string name_of(const Resolution& resolution) {
  if (!resolution)
    return std::string(resolution.error().target.service->name) + "!" +
           resolution.error().error.code();
  if (!resolution->operation) return std::string(resolution->service->name) + ".?";
  return std::string(resolution->service->name) + "." + std::string(resolution->operation->name);
}

std::string resolve(HttpRequest request, ServiceHint hint = {}) {
  return name_of(router.resolve(request, hint));
}

std::string s3(std::string method, std::string_view target,
               std::initializer_list<protocol::Headers::Field> headers = {}) {
  return resolve(make_request(std::move(method), target, headers), {.scope = "s3", .port = ""});
}

TEST(Resolve, json_requests_name_their_target) {
  HttpRequest request = make_request("POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.GetItem"}});
  const Resolution resolution = router.resolve(request, {});
  EXPECT_EQ(name_of(resolution), "dynamodb.GetItem");
  EXPECT_EQ(resolution->protocol, Protocol::json);
  EXPECT_EQ(resolve(make_request("POST", "/", {{"x-amz-target", "AmazonSQS.SendMessageBatch"}})),
            "sqs.SendMessageBatch");
}

TEST(Resolve, json_operations_that_do_not_exist_are_unknown) {
  HttpRequest request = make_request("POST", "/", {{"X-Amz-Target", "AmazonSQS.Sing"}});
  const Resolution resolution = router.resolve(request, {});
  ASSERT_FALSE(resolution);
  EXPECT_EQ(resolution.error().error.code(), "UnknownOperationException");
  EXPECT_EQ(resolution.error().error.status(), 400);
  EXPECT_EQ(resolution.error().target.protocol, Protocol::json);
}

TEST(Resolve, services_that_are_not_here_are_named) {
  HttpRequest request = make_request("POST", "/", {{"X-Amz-Target", "Kinesis_20131202.PutRecord"}});
  const Resolution json = router.resolve(request, {});
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().error.status(), 501);
  EXPECT_TRUE(json.error().error.message().contains("Kinesis_20131202.PutRecord"));
  HttpRequest rest = make_request("GET", "/2015-03-31/functions/");
  const Resolution lambda = router.resolve(rest, {.scope = "lambda", .port = ""});
  ASSERT_FALSE(lambda);
  EXPECT_EQ(lambda.error().error.status(), 501);
  EXPECT_TRUE(lambda.error().error.message().contains("lambda"));
}

TEST(Resolve, operations_known_but_not_served_resolve_by_name) {
  EXPECT_EQ(resolve(make_request("POST", "/", {{"X-Amz-Target", "AmazonSQS.AddPermission"}})),
            "sqs.AddPermission");
  EXPECT_EQ(s3("GET", "/bucket?acl"), "s3.GetBucketAcl");
  EXPECT_EQ(s3("DELETE", "/bucket/key?tagging"), "s3.DeleteObjectTagging");
}

TEST(Resolve, queries_name_their_action_in_the_url) {
  EXPECT_EQ(resolve(make_request("GET", "/?Action=ListQueues&Version=2012-11-05")),
            "sqs.ListQueues");
  EXPECT_EQ(resolve(make_request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")),
            "sts.GetCallerIdentity");
  EXPECT_EQ(resolve(make_request("GET", "/queue/movies?Action=SendMessage&MessageBody=x")),
            "sqs.SendMessage");
  EXPECT_EQ(resolve(make_request("GET", "/?Action=Sing"), {.scope = "sqs", .port = ""}),
            "sqs!InvalidAction");
  EXPECT_EQ(resolve(make_request("GET", "/"), {.scope = "", .port = "sqs"}), "sqs!MissingAction");
}

TEST(Resolve, queries_name_their_action_in_the_form) {
  HttpRequest request =
      make_request("POST", "/000000000000/movies",
                   {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}});
  const Resolution by_scope = router.resolve(request, {.scope = "sqs", .port = ""});
  EXPECT_EQ(name_of(by_scope), "sqs.?");
  request.body.bytes = "Action=SendMessage&Version=2012-11-05&MessageBody=x";
  EXPECT_EQ(name_of(router.resolve_form(request, *by_scope)), "sqs.SendMessage");

  const Resolution unsigned_form = router.resolve(request, {});
  EXPECT_EQ(name_of(router.resolve_form(request, *unsigned_form)), "sqs.SendMessage");
  request.body.bytes = "Action=GetCallerIdentity&Version=2011-06-15";
  EXPECT_EQ(name_of(router.resolve_form(request, *unsigned_form)), "sts.GetCallerIdentity");
  request.body.bytes = "Version=2012-11-05";
  EXPECT_EQ(name_of(router.resolve_form(request, *by_scope)), "sqs!MissingAction");
  request.body.bytes = "Action=%";
  EXPECT_EQ(name_of(router.resolve_form(request, *by_scope)), "sqs!MalformedQueryString");
  request.body.bytes = "";
  EXPECT_EQ(name_of(router.resolve_form(request, *unsigned_form)), "!InvalidAction");
}

TEST(Resolve, the_address_of_a_queue_is_for_that_queue_alone) {
  for (const std::string_view path : {"/000000000000/movies", "/queue/movies"}) {
    for (const std::string_view action : {"CreateQueue", "ListQueues", "GetQueueUrl"})
      EXPECT_EQ(resolve(make_request("GET", std::string(path) + "?Action=" + std::string(action)),
                        {.scope = "sqs", .port = ""}),
                "sqs!InvalidAction")
          << action;
    EXPECT_EQ(resolve(make_request("GET", path), {.scope = "sqs", .port = ""}),
              "sqs!UnknownOperationException");
  }
  EXPECT_EQ(resolve(make_request("GET", "/000000000000/movies")), "sqs!UnknownOperationException");
  EXPECT_EQ(resolve(make_request("GET", "/000000000000/key"), {.scope = "s3", .port = ""}),
            "s3.GetObject");
  EXPECT_EQ(resolve(make_request("PUT", "/000000000000/key")), "s3.PutObject");
  EXPECT_EQ(resolve(make_request("GET", "/000000000000/key?versionId=a")), "s3.GetObject");
}

TEST(Resolve, forms_are_queries_whatever_target_they_name) {
  HttpRequest request =
      make_request("POST", "/000000000000/movies",
                   {{"Content-Type", "application/x-www-form-urlencoded;charset=utf-8"},
                    {"X-Amz-Target", "AmazonSQSv20121105.SendMessage"}});
  // What signs for an unknown host signs for S3.
  const Resolution resolution = router.resolve(request, {.scope = "s3", .port = ""});
  EXPECT_EQ(name_of(resolution), ".?");
  EXPECT_EQ(name_of(router.resolve(request, {.scope = "sqs", .port = ""})), "sqs.?");
  request.body.bytes = "Action=SendMessage&Version=2012-11-05&MessageBody=x";
  EXPECT_EQ(name_of(router.resolve_form(request, *resolution)), "sqs.SendMessage");
  EXPECT_EQ(resolve(make_request("POST", "/",
                                 {{"Content-Type", "application/x-www-form-urlencoded"},
                                  {"X-Amz-Target", "AmazonSQS.ListQueues"}})),
            "sqs.ListQueues");
}

TEST(Resolve, files_that_a_browsers_form_brings_are_objects_to_put) {
  EXPECT_EQ(s3("POST", "/bucket", {{"Content-Type", "multipart/form-data; boundary=x"}}),
            "s3.PutObject");
  EXPECT_EQ(s3("POST", "/bucket", {{"Content-Type", "text/plain"}}), "s3!PreconditionFailed");
  EXPECT_EQ(s3("POST", "/", {{"Content-Type", "multipart/form-data; boundary=x"}}),
            "s3!MethodNotAllowed");
}

TEST(Resolve, forms_with_a_subresource_of_s3_are_requests_to_s3) {
  const auto form = [](std::string_view target, std::string_view host = "localhost") {
    return resolve(make_request(
        "POST", target,
        {{"Content-Type", "application/x-www-form-urlencoded"}, {"Host", std::string(host)}}));
  };
  EXPECT_EQ(form("/bucket?delete"), "s3.DeleteObjects");
  EXPECT_EQ(form("/bucket/a/key?uploads"), "s3.CreateMultipartUpload");
  EXPECT_EQ(form("/bucket/a/key?uploadId=1"), "s3.CompleteMultipartUpload");
  EXPECT_EQ(form("/?delete", "bucket.s3.localhost:4566"), "s3.DeleteObjects");
  EXPECT_EQ(form("/000000000000/queue"), ".?");
  EXPECT_EQ(form("/queue/movies?Version=2012-11-05"), ".?");
  EXPECT_EQ(form("/queue/movies?Action=PurgeQueue"), "sqs.PurgeQueue");
}

TEST(Resolve, a_port_of_its_own_decides_where_nothing_else_does) {
  EXPECT_EQ(resolve(make_request("GET", "/?Action=ListQueues"), {.scope = "", .port = "sqs"}),
            "sqs.ListQueues");
  EXPECT_EQ(resolve(make_request("GET", "/bucket"), {.scope = "", .port = "s3"}), "s3.ListObjects");
  EXPECT_EQ(resolve(make_request("GET", "/bucket"), {.scope = "s3", .port = "sqs"}),
            "s3.ListObjects");
}

TEST(Resolve, the_host_may_name_the_service) {
  EXPECT_EQ(resolve(make_request("POST", "/?Action=ListQueues",
                                 {{"Host", "sqs.us-east-1.localhost.example:4566"}})),
            "sqs.ListQueues");
  EXPECT_EQ(resolve(make_request("POST", "/?Action=ListQueues", {{"Host", "queue.localhost"}})),
            "sqs.ListQueues");
}

TEST(Resolve, what_says_nothing_is_s3) {
  EXPECT_EQ(resolve(make_request("GET", "/bucket/key")), "s3.GetObject");
  EXPECT_EQ(resolve(make_request("GET", "/")), "s3.ListBuckets");
}

TEST(ResolveS3, buckets_and_objects_are_told_apart_by_path) {
  EXPECT_EQ(s3("GET", "/"), "s3.ListBuckets");
  EXPECT_EQ(s3("PUT", "/bucket"), "s3.CreateBucket");
  EXPECT_EQ(s3("PUT", "/bucket/"), "s3.CreateBucket");
  EXPECT_EQ(s3("HEAD", "/bucket"), "s3.HeadBucket");
  EXPECT_EQ(s3("DELETE", "/bucket"), "s3.DeleteBucket");
  EXPECT_EQ(s3("PUT", "/bucket/key"), "s3.PutObject");
  EXPECT_EQ(s3("GET", "/bucket/a/b/c"), "s3.GetObject");
  EXPECT_EQ(s3("GET", "/bucket//"), "s3.GetObject");
  EXPECT_EQ(s3("HEAD", "/bucket/key"), "s3.HeadObject");
  EXPECT_EQ(s3("DELETE", "/bucket/key"), "s3.DeleteObject");
}

TEST(ResolveS3, the_query_chooses_among_operations_of_one_path) {
  EXPECT_EQ(s3("GET", "/bucket"), "s3.ListObjects");
  EXPECT_EQ(s3("GET", "/bucket?prefix=a&max-keys=2"), "s3.ListObjects");
  EXPECT_EQ(s3("GET", "/bucket?list-type=2&prefix=a"), "s3.ListObjectsV2");
  EXPECT_EQ(s3("GET", "/bucket?uploads"), "s3.ListMultipartUploads");
  EXPECT_EQ(s3("POST", "/bucket?delete"), "s3.DeleteObjects");
  EXPECT_EQ(s3("POST", "/bucket/key?uploads"), "s3.CreateMultipartUpload");
  EXPECT_EQ(s3("PUT", "/bucket/key?partNumber=1&uploadId=x"), "s3.UploadPart");
  EXPECT_EQ(s3("GET", "/bucket/key?uploadId=x"), "s3.ListParts");
  EXPECT_EQ(s3("POST", "/bucket/key?uploadId=x"), "s3.CompleteMultipartUpload");
  EXPECT_EQ(s3("DELETE", "/bucket/key?uploadId=x"), "s3.AbortMultipartUpload");
  EXPECT_EQ(s3("GET", "/bucket/key?partNumber=1"), "s3.GetObject");
  EXPECT_EQ(s3("GET", "/bucket/key?x-id=GetObject"), "s3.GetObject");
}

TEST(ResolveS3, a_copy_is_told_by_its_header) {
  EXPECT_EQ(s3("PUT", "/bucket/key", {{"x-amz-copy-source", "/a/b"}}), "s3.CopyObject");
  EXPECT_EQ(s3("PUT", "/bucket/key?partNumber=1&uploadId=x", {{"x-amz-copy-source", "/a/b"}}),
            "s3.UploadPartCopy");
}

TEST(ResolveS3, a_method_without_an_operation_is_not_allowed) {
  EXPECT_EQ(s3("PATCH", "/bucket/key"), "s3!MethodNotAllowed");
  EXPECT_EQ(s3("DELETE", "/"), "s3!MethodNotAllowed");
}

TEST(ResolveS3, a_subresource_never_means_the_resource_itself) {
  for (const std::string_view target :
       {"/bucket/key?acl", "/bucket/key?retention", "/bucket/key?legal-hold=", "/bucket?versioning",
        "/bucket?acl", "/bucket?notification", "/bucket?uploads"})
    EXPECT_EQ(s3("DELETE", target), "s3!MethodNotAllowed") << target;
  EXPECT_EQ(s3("PUT", "/bucket/key?uploads"), "s3!MethodNotAllowed");
  EXPECT_EQ(s3("PUT", "/bucket/key?uploadId=x"), "s3!MethodNotAllowed");
  EXPECT_EQ(s3("PUT", "/bucket/key?partNumber=1"), "s3!InvalidArgument");
  EXPECT_EQ(s3("PUT", "/bucket/key?uploadId=x", {{"x-amz-copy-source", "/a/b"}}),
            "s3!MethodNotAllowed");
  EXPECT_EQ(s3("HEAD", "/bucket/key?tagging"), "s3!MethodNotAllowed");
  EXPECT_EQ(s3("PUT", "/bucket?delete"), "s3!MethodNotAllowed");
  EXPECT_EQ(s3("DELETE", "/bucket/key?versionId=x&unknown"), "s3.DeleteObject");
  EXPECT_EQ(s3("GET", "/bucket?list-type=3"), "s3.ListObjects");
}

TEST(ResolveS3, a_header_that_an_operation_lacks_does_not_make_it_another) {
  EXPECT_EQ(s3("GET", "/bucket/key?attributes"), "s3.GetObjectAttributes");
}

TEST(ResolveS3, the_host_may_name_the_bucket) {
  for (const std::string host :
       {"movies.s3.localhost:4566", "movies.s3.eu-west-1.amazonaws.com", "movies.localhost:4566",
        "movies.s3-eu-west-1.amazonaws.com", "movies.s3.amazonaws.com", "movies.s3"}) {
    HttpRequest object = make_request("GET", "/a/key?x=y", {{"Host", host}});
    EXPECT_EQ(name_of(router.resolve(object, {.scope = "s3", .port = ""})), "s3.GetObject") << host;
    EXPECT_EQ(object.path, "/movies/a/key") << host;
    EXPECT_EQ(object.target, "/a/key?x=y") << host;
    HttpRequest bucket = make_request("GET", "/?uploads", {{"Host", host}});
    EXPECT_EQ(name_of(router.resolve(bucket, {.scope = "s3", .port = ""})),
              "s3.ListMultipartUploads");
    EXPECT_EQ(bucket.path, "/movies") << host;
  }
}

TEST(ResolveS3, other_hosts_leave_the_bucket_in_the_path) {
  for (const std::string_view host :
       {"localhost:4566", "127.0.0.1:4566", "s3.localhost:4566", "s3.eu-west-1.amazonaws.com",
        "[::1]:4566", "example.com", "s3", ""})
    EXPECT_EQ(bucket_of_host(host), "") << host;
  EXPECT_EQ(bucket_of_host("a.b.s3.localhost"), "a.b");
}

TEST(Resolve, s3_control_is_told_from_objects_of_a_bucket_of_that_name) {
  const std::string_view tags = "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Abucket";
  const protocol::Headers::Field account = {"x-amz-account-id", "000000000000"};
  EXPECT_EQ(s3("GET", tags, {account}), "s3control.ListTagsForResource");
  EXPECT_EQ(s3("POST", tags, {account}), "s3control.TagResource");
  EXPECT_EQ(s3("DELETE", "/v20180820/tags/arn:aws:s3:::bucket?tagKeys=a", {account}),
            "s3control.UntagResource");
  EXPECT_EQ(s3("GET", tags, {{"Host", "000000000000.s3-control.us-east-1.amazonaws.com"}, account}),
            "s3control.ListTagsForResource");
  EXPECT_EQ(s3("GET", tags, {{"Host", "000000000000.localhost:4566"}, account}),
            "s3control.ListTagsForResource");
  EXPECT_EQ(s3("GET", tags), "s3.GetObject");
}

TEST(Resolve, paths_of_s3_control_have_labels_among_their_words) {
  const protocol::Headers::Field account = {"x-amz-account-id", "000000000000"};
  EXPECT_EQ(s3("GET", "/v20180820/jobs/id/tagging", {account}), "s3control.GetJobTagging");
  EXPECT_EQ(s3("GET", "/v20180820/jobs/id", {account}), "s3control.DescribeJob");
  EXPECT_EQ(s3("GET", "/v20180820/jobs", {account}), "s3control.ListJobs");
  EXPECT_EQ(s3("GET", "/v20180820/mrap/instances/a/policy", {account}),
            "s3control.GetMultiRegionAccessPointPolicy");
  EXPECT_EQ(s3("GET", "/v20180820/nothing", {account}), "s3control!MethodNotAllowed");
}

}  // namespace
}  // namespace matinee::gateway
