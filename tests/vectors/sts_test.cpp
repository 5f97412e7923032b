// STS: the query protocol from both sides.
#include "messages.h"
#include "sts/operations.h"

namespace matinee::vectors {
namespace {

namespace ops = sts::operations;

TEST(StsQuery, a_request_names_operation_and_version) {
  const sts::GetCallerIdentityRequest request{};
  const auto message = protocol::encode_request(ops::GetCallerIdentity, &request);
  EXPECT_EQ(message.body.bytes, "Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_EQ(header(message, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
}

TEST(StsQuery, an_identity_comes_back_as_it_was_sent) {
  sts::GetCallerIdentityResponse response;
  response.account = "000000000000";
  response.arn = "arn:aws:iam::000000000000:root";
  response.user_id = "000000000000";
  const auto message = protocol::encode_response(ops::GetCallerIdentity, protocol::Protocol::query,
                                                 &std::as_const(response), "id-1");
  EXPECT_EQ(message.body.bytes,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
            "<GetCallerIdentityResult><UserId>000000000000</UserId>"
            "<Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn>"
            "</GetCallerIdentityResult>"
            "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"
            "</GetCallerIdentityResponse>");
  const auto received = answered_and_received(ops::GetCallerIdentity, response);
  EXPECT_EQ(received.arn, response.arn);
}

TEST(StsQuery, an_errors_code_and_message_are_read) {
  const protocol::ServiceError error("ExpiredToken", 403, "expired <now>");
  const auto message = protocol::encode_error(sts::model, protocol::Protocol::query, error, "id-1");
  const auto received = protocol::decode_error(ops::GetCallerIdentity, message);
  EXPECT_EQ(received->code(), "ExpiredToken");
  EXPECT_EQ(received->message(), "expired <now>");
  EXPECT_EQ(received->status(), 403);
}

}  // namespace
}  // namespace matinee::vectors
