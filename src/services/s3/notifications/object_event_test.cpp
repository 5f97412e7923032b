#include "services/s3/notifications/object_event.h"

#include <gtest/gtest.h>

namespace matinee::s3 {
namespace {

const services::Context caller{.access_key = "AKIAEXAMPLE",
                               .caller_arn = "arn:aws:iam::000000000000:user/one",
                               .request_id = "request",
                               .source_ip = "127.0.0.1"};
const EventPlace place{.bucket = "bucket",
                       .region = "us-east-1",
                       .account = "000000000000",
                       .time = runtime::Time(std::chrono::seconds(1)),
                       .sequence = 0xabc};

TEST(EventMessages, have_the_form_that_consumers_know) {
  const ObjectRecord object{.size = 7, .etag = "e7ag", .version = VersionIdentity{.id = "v1"}};
  EXPECT_EQ(event_message(caller, place, event_of("ObjectCreated:Put", "a b/\xc3\xa4+.jpg", object),
                          "id"),
            R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1",)"
            R"("eventTime":"1970-01-01T00:00:01.000Z","eventName":"ObjectCreated:Put",)"
            R"("userIdentity":{"principalId":"AWS:AKIAEXAMPLE"},)"
            R"("requestParameters":{"sourceIPAddress":"127.0.0.1"},)"
            R"("responseElements":{"x-amz-request-id":"request","x-amz-id-2":"cmVxdWVzdA=="},)"
            R"("s3":{"s3SchemaVersion":"1.0","configurationId":"id","bucket":{"name":"bucket",)"
            R"("ownerIdentity":{"principalId":"AC65B0DE4CE090"},"arn":"arn:aws:s3:::bucket"},)"
            R"("object":{"key":"a+b/%C3%A4%2B.jpg","size":7,"eTag":"e7ag","versionId":"v1",)"
            R"("sequencer":"000000000000000ABC"}}}]})");
}

TEST(EventMessages, of_removals_tell_neither_size_nor_entity_tag) {
  const std::string message =
      event_message(caller, place, {.name = "ObjectRemoved:Delete", .key = "key"}, "id");
  EXPECT_NE(message.find(R"("object":{"key":"key","sequencer":"000000000000000ABC"}})"),
            std::string::npos)
      << message;
}

TEST(EventMessages, of_delete_markers_tell_the_entity_tag_of_nothing) {
  const std::string message = event_message(
      caller, place,
      {.name = "ObjectRemoved:DeleteMarkerCreated", .key = "key", .version_id = "v2"}, "id");
  EXPECT_NE(message.find(R"("eTag":"d41d8cd98f00b204e9800998ecf8427e","versionId":"v2")"),
            std::string::npos)
      << message;
}

TEST(EventMessages, of_newer_kinds_have_a_newer_version) {
  const std::string message =
      event_message(caller, place, event_of("ObjectTagging:Put", "key", {.etag = "e"}), "id");
  EXPECT_NE(message.find(R"("eventVersion":"2.3")"), std::string::npos);
  EXPECT_NE(message.find(R"("object":{"key":"key","eTag":"e"})"), std::string::npos) << message;
}

TEST(EventMessages, of_transitions_name_the_new_storage_class) {
  ObjectRecord object;
  object.attributes.storage_class = "GLACIER_IR";
  const std::string message =
      event_message(caller, place, event_of("LifecycleTransition", "key", object), "id");
  EXPECT_TRUE(message.ends_with(R"(}},"lifecycleEventData":{"transitionEventData":)"
                                R"({"destinationStorageClass":"GLACIER_IR"}}}]})"))
      << message;
}

TEST(EventMessages, name_the_service_that_acts_of_itself) {
  const services::Context service{.service_principal = "s3.amazonaws.com"};
  const std::string message =
      event_message(service, place, {.name = "LifecycleExpiration:Delete", .key = "key"}, "id");
  EXPECT_NE(message.find(R"("userIdentity":{"principalId":"s3.amazonaws.com"})"),
            std::string::npos);
  EXPECT_NE(message.find(R"("sourceIPAddress":"s3.amazonaws.com")"), std::string::npos);
}

}  // namespace
}  // namespace matinee::s3
