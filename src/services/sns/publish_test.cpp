#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "protocol/base64.h"
#include "services/sns/service_fixture.h"

namespace matinee::sns {

using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Whether the certificate's key has signed the text.
bool is_signed(const std::string& pem, const std::string& text, const std::string& signature,
               const EVP_MD* hash) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const bool good =
      EVP_DigestVerifyInit(context, nullptr, hash, nullptr, key) == 1 &&
      EVP_DigestVerify(context, bytes, signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(context);
  X509_free(certificate);
  BIO_free(bio);
  return good;
}

std::string path_of(const std::string& url) {
  return url.substr(url.find('/', 8));
}

}  // namespace

TEST_F(SnsTest, a_queue_gets_an_envelope_whose_members_have_an_order) {
  const std::string topic = create("news");
  const std::string subscription = subscribe(topic, "sqs", queue);
  MessageAttributes attributes;
  attributes["a"] = {.data_type = "Number", .string_value = "99.12"};
  attributes["b"] = {.data_type = "Binary", .binary_value = {{.bytes = "\2\3\4"}}};
  const PublishResponse published =
      call(&Service::publish, PublishRequest{.topic_arn = topic,
                                             .message = "say \"hello\"",
                                             .subject = "greeting",
                                             .message_attributes = attributes});
  ASSERT_EQ(outbox.all.size(), 1U);
  const std::string& body = outbox.all[0].body;
  std::vector<std::string> names;
  simdjson::dom::parser parser;
  for (const auto& [name, value] : simdjson::dom::object(parser.parse(body)))
    names.emplace_back(name);
  EXPECT_THAT(names, ElementsAre("Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp",
                                 "SignatureVersion", "Signature", "SigningCertURL",
                                 "UnsubscribeURL", "MessageAttributes"));
  EXPECT_EQ(member(body, "MessageId"), *published.message_id);
  EXPECT_EQ(member(body, "Message"), "say \"hello\"");
  EXPECT_THAT(body, HasSubstr(R"("a" : {"Type":"Number","Value":"99.12"})"));
  EXPECT_THAT(body, HasSubstr(R"("b" : {"Type":"Binary","Value":"AgME"})"));
  EXPECT_THAT(member(body, "UnsubscribeURL"),
              HasSubstr("?Action=Unsubscribe&SubscriptionArn=" + subscription));
  EXPECT_TRUE(outbox.all[0].attributes.empty());
}

TEST_F(SnsTest, signatures_are_good_by_the_certificate_after_a_restart_too) {
  const std::string topic = create("news");
  subscribe(topic, "sqs", queue);
  publish(topic, "first");
  kill_and_restart();
  set(topic, "SignatureVersion", "2");
  publish(topic, "second");
  ASSERT_EQ(outbox.all.size(), 2U);
  for (const services::Delivery& delivery : outbox.all) {
    std::string text;
    for (const char* name : {"Message", "MessageId", "Timestamp", "TopicArn", "Type"})
      text += std::string(name) + "\n" + member(delivery.body, name) + "\n";
    const auto pem =
        service->certificates()->find(path_of(member(delivery.body, "SigningCertURL")));
    ASSERT_TRUE(pem.has_value());
    const bool first = member(delivery.body, "SignatureVersion") == "1";
    const std::string signature = *protocol::base64_decode(member(delivery.body, "Signature"));
    EXPECT_TRUE(is_signed(*pem, text, signature, first ? EVP_sha1() : EVP_sha256()));
    EXPECT_FALSE(is_signed(*pem, text + "x", signature, first ? EVP_sha1() : EVP_sha256()));
  }
}

TEST_F(SnsTest, raw_delivery_gives_the_text_and_the_attributes) {
  const std::string topic = create("news");
  subscribe(topic, "sqs", queue, {{"RawMessageDelivery", "true"}});
  MessageAttributes attributes;
  attributes["a"] = {.data_type = "String", .string_value = "1"};
  call(&Service::publish, PublishRequest{.topic_arn = topic,
                                         .message = "text",
                                         .subject = "dropped",
                                         .message_attributes = attributes});
  ASSERT_EQ(outbox.all.size(), 1U);
  EXPECT_EQ(outbox.all[0].body, "text");
  ASSERT_EQ(outbox.all[0].attributes.size(), 1U);
  EXPECT_EQ(outbox.all[0].attributes[0].value, "1");
}

TEST_F(SnsTest, a_text_for_each_protocol) {
  const std::string topic = create("news");
  subscribe(topic, "sqs", queue, {{"RawMessageDelivery", "true"}});
  const auto publish_json = [&](const std::string& text) {
    return call(&Service::publish,
                PublishRequest{.topic_arn = topic, .message = text, .message_structure = "json"});
  };
  publish_json(R"({"default":"d","sqs":"s"})");
  publish_json(R"({"default":"d","sqs":{"a":1}})");
  EXPECT_THAT(outbox.bodies(), ElementsAre("s", "d"));
  EXPECT_EQ(error_of([&] { publish_json(R"({"sqs":"s"})"); }),
            "InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON "
            "message body");
  EXPECT_EQ(error_of([&] { publish_json(R"({"default":"d"} })"); }),
            "InvalidParameter: Invalid parameter: Message Structure - JSON message body failed to "
            "parse");
}

TEST_F(SnsTest, functions_get_an_event) {
  const std::string topic = create("news");
  subscribe(topic, "lambda", "arn:aws:lambda:us-east-1:111122223333:function:f");
  publish(topic, "text");
  ASSERT_EQ(outbox.all.size(), 1U);
  EXPECT_THAT(outbox.all[0].body, HasSubstr(R"("Subject":null)"));
  EXPECT_THAT(outbox.all[0].body, HasSubstr(R"("MessageAttributes":{})"));
  EXPECT_THAT(outbox.all[0].body, HasSubstr(R"("SigningCertUrl":"http)"));
}

TEST_F(SnsTest, filters_look_at_attributes_or_at_the_body) {
  const std::string topic = create("news");
  const std::string raw = "RawMessageDelivery";
  subscribe(topic, "sqs", queue + "1", {{"FilterPolicy", R"({"store":["a"]})"}, {raw, "true"}});
  subscribe(topic, "sqs", queue + "2",
            {{"FilterPolicy", R"({"n":{"m":[1]}})"},
             {"FilterPolicyScope", "MessageBody"},
             {raw, "true"}});
  const auto publish_with = [&](const std::string& type, const std::string& value) {
    MessageAttributes attributes;
    attributes["store"] = {.data_type = type, .string_value = value};
    call(&Service::publish,
         PublishRequest{
             .topic_arn = topic, .message = type + value, .message_attributes = attributes});
  };
  publish_with("String", "a");
  publish_with("String", "b");
  publish_with("String.Array", R"(["b","a"])");
  publish(topic, R"({"n":{"m":1}})");
  publish(topic, R"({"n":{"m":2}})");
  publish(topic, "no JSON");
  EXPECT_THAT(outbox.bodies(),
              ElementsAre("Stringa", R"(String.Array["b","a"])", R"({"n":{"m":1}})"));
  EXPECT_EQ(outbox.all[2].target, queue + "2");
}

TEST_F(SnsTest, messages_have_limits) {
  const std::string topic = create("news");
  publish(topic, std::string(262'144, 'a'));
  EXPECT_EQ(error_of([&] { publish(topic, std::string(262'145, 'a')); }),
            "InvalidParameter: Invalid parameter: Message too long");
  EXPECT_EQ(error_of([&] { publish(topic, ""); }),
            "InvalidParameter: Invalid parameter: Empty message");
  const auto with_type = [&](const std::string& type) {
    MessageAttributes attributes;
    attributes["a"] = {.data_type = type, .string_value = "1"};
    return error_of([&] {
      call(&Service::publish,
           PublishRequest{.topic_arn = topic, .message = "x", .message_attributes = attributes});
    });
  };
  EXPECT_EQ(with_type("String.  prefixed."), "no error");
  EXPECT_EQ(with_type("Stringprefixed"),
            "ParameterValueInvalid: The message attribute 'a' has an invalid message attribute "
            "type, the set of supported type prefixes is Binary, Number, and String.");
}

TEST_F(SnsTest, a_batch_tells_of_each_entry) {
  const std::string topic = create("news");
  PublishBatchRequest request{.topic_arn = topic};
  request.publish_batch_request_entries = {
      {.id = "1", .message = "a"}, {.id = "2", .message = ""}, {.id = "3", .message = "c"}};
  const PublishBatchResponse response = call(&Service::publish_batch, request);
  ASSERT_EQ(response.successful->size(), 2U);
  EXPECT_EQ(response.successful->at(1).id, "3");
  ASSERT_EQ(response.failed->size(), 1U);
  EXPECT_EQ(response.failed->at(0).code, "InvalidParameter");
  request.publish_batch_request_entries[1].id = "a.b";
  EXPECT_EQ(error_of([&] { call(&Service::publish_batch, request); }),
            "InvalidBatchEntryId: The Id of a batch entry in the batch request contains an "
            "impermissible character: a.b");
  request.publish_batch_request_entries[1].id = "1";
  EXPECT_EQ(error_of([&] { call(&Service::publish_batch, request); }),
            "BatchEntryIdsNotDistinct: Two or more batch entries in the request have the same Id.");
}

TEST_F(SnsTest, a_topic_takes_nothing_while_its_key_cannot_be_used) {
  const std::string topic = create("news", {{"KmsMasterKeyId", "alias/gone"}});
  keys.refusals["alias/gone"] = "DisabledException";
  EXPECT_EQ(error_of([&] { publish(topic, "x"); }), "KMSDisabled: The key alias/gone is refused.");
}

TEST_F(SnsTest, ten_thousand_filters_that_match_nothing_cost_little) {
  const std::string topic = create("news");
  for (int i = 0; i < 10'000; ++i)
    subscribe(topic, "sqs", fmt::format("{}{}", queue, i),
              {{"FilterPolicy", fmt::format(R"({{"store":["s{}"]}})", i)}});
  MessageAttributes attributes;
  attributes["store"] = {.data_type = "String", .string_value = "s77"};
  const PublishRequest request{
      .topic_arn = topic, .message = "x", .message_attributes = attributes};
  call(&Service::publish, request);
  ASSERT_EQ(outbox.all.size(), 1U);
  EXPECT_EQ(outbox.all[0].target, queue + "77");
}

}  // namespace matinee::sns
