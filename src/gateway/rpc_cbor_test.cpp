// Requests in Smithy RPC v2 with CBOR: what they resolve to, and replies as they go over the wire.
#include <gtest/gtest.h>

#include <array>

#include "cloudwatch/errors.h"
#include "cloudwatch/operations.h"
#include "gateway/resolve.h"
#include "protocol/codec.h"
#include "s3/operations.h"
#include "sqs/operations.h"

namespace matinee::gateway {
namespace {

using protocol::HttpRequest;
using protocol::HttpResponse;
using protocol::Protocol;

constexpr std::array<const protocol::ServiceModel*, 3> models = {&sqs::model, &s3::model,
                                                                 &cloudwatch::model};
const Router router{models};

/// "monitoring.PutMetricData", or "404 UnknownOperationException" for an error.
std::string resolve(std::string_view target, bool has_header = true) {
  HttpRequest request;
  request.method = has_header ? "POST" : "PUT";
  EXPECT_TRUE(request.set_target(target));
  if (has_header) request.headers.add("smithy-protocol", "rpc-v2-cbor");
  const Resolution resolution = router.resolve(request, {.scope = "", .port = ""});
  if (!resolution)
    return std::to_string(resolution.error().error.status()) + " " +
           resolution.error().error.code();
  if (resolution->service->name == "monitoring") EXPECT_EQ(resolution->protocol, Protocol::cbor);
  return std::string(resolution->service->name) + "." +
         std::string(resolution->operation ? resolution->operation->name : "?");
}

TEST(RpcCbor, the_path_names_service_and_operation) {
  EXPECT_EQ(resolve("/service/GraniteServiceVersion20100801/operation/PutMetricData"),
            "monitoring.PutMetricData");
  EXPECT_EQ(resolve("/a/service/GraniteServiceVersion20100801/operation/ListMetrics"),
            "monitoring.ListMetrics");
}

TEST(RpcCbor, what_is_not_there_is_unknown) {
  EXPECT_EQ(resolve("/service/GraniteServiceVersion20100801/operation/Sing"),
            "404 UnknownOperationException");
  EXPECT_EQ(resolve("/service/Opera/operation/Sing"), "501 UnknownOperationException");
  EXPECT_EQ(resolve("/service/AmazonSQS/operation/SendMessage"), "501 UnknownOperationException");
  EXPECT_EQ(resolve("/operation/Sing"), "404 UnknownOperationException");
  EXPECT_EQ(resolve("/"), "404 UnknownOperationException");
}

TEST(RpcCbor, without_its_header_a_path_is_an_object) {
  EXPECT_TRUE(resolve("/service/GraniteServiceVersion20100801/operation/PutMetricData", false)
                  .starts_with("s3."));
}

HttpResponse error_reply(Protocol used, const protocol::ServiceError& error, bool query_mode) {
  HttpResponse response = protocol::encode_error(cloudwatch::model, used, error, "id");
  if (!query_mode) protocol::leave_query_mode(cloudwatch::model, used, error, response);
  return response;
}

TEST(RpcCbor, a_reply_says_its_protocol) {
  const cloudwatch::ListMetricsResponse nothing{.metrics = std::vector<cloudwatch::Metric>()};
  const HttpResponse response =
      protocol::encode_response(cloudwatch::operations::ListMetrics, Protocol::cbor,
                                static_cast<const void*>(&nothing), "id");
  EXPECT_EQ(response.headers.find("smithy-protocol"), "rpc-v2-cbor");
  EXPECT_EQ(response.headers.find("content-type"), "application/cbor");
  EXPECT_EQ(response.body.bytes, "\xbf\x67Metrics\x9f\xff\xff");
}

TEST(QueryMode, tells_status_and_code_of_the_query_protocol_to_who_asks) {
  const cloudwatch::ResourceNotFound error("");
  for (const Protocol used : {Protocol::json, Protocol::cbor}) {
    const HttpResponse asked = error_reply(used, error, true);
    EXPECT_EQ(asked.status, 404);
    EXPECT_EQ(asked.headers.find("x-amzn-query-error"), "ResourceNotFound;Sender");
    const HttpResponse other = error_reply(used, error, false);
    EXPECT_EQ(other.status, 400);
    EXPECT_FALSE(other.headers.contains("x-amzn-query-error"));
  }
  EXPECT_EQ(error_reply(Protocol::query, error, false).status, 404);
}

TEST(QueryMode, changes_no_error_that_the_model_does_not_name) {
  EXPECT_EQ(error_reply(Protocol::json, {"NotImplemented", 501, "No."}, false).status, 501);
  EXPECT_EQ(error_reply(Protocol::json, {"AccessDeniedException", 403, "No."}, false).status, 403);
}

TEST(CloudWatchError, without_a_message_has_no_member_for_one) {
  const cloudwatch::ResourceNotFound error("");
  EXPECT_EQ(error_reply(Protocol::json, error, true).body.bytes,
            "{\"__type\":\"com.amazonaws.cloudwatch.v2010_08_01#ResourceNotFound\"}");
  EXPECT_TRUE(error_reply(Protocol::query, error, true)
                  .body.bytes.contains("<Error><Type>Sender</Type><Code>ResourceNotFound</Code>"
                                       "</Error><RequestId>id</RequestId></ErrorResponse>"));
}

TEST(CloudWatchError, is_named_by_the_service_unless_it_is_found_in_front_of_it) {
  EXPECT_TRUE(error_reply(Protocol::json, cloudwatch::InvalidParameterValueException("x"), true)
                  .body.bytes.starts_with("{\"__type\":\"com.amazonaws.cloudwatch.v2010_08_01#"
                                          "InvalidParameterValueException\",\"message\":\"x\"}"));
  const HttpResponse invalid =
      error_reply(Protocol::json, cloudwatch::ValidationException("x"), true);
  EXPECT_EQ(invalid.body.bytes,
            "{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":\"x\"}");
  EXPECT_EQ(invalid.headers.find("x-amzn-query-error"), "ValidationError;Sender");
  EXPECT_TRUE(error_reply(Protocol::query, cloudwatch::ValidationException("x"), true)
                  .body.bytes.contains("<Code>ValidationError</Code>"));
}

}  // namespace
}  // namespace matinee::gateway
