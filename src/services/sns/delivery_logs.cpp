// Logs of deliveries, where a topic asks for them, and what is counted of them.
#include <fmt/format.h>
#include <openssl/evp.h>
#include <simdjson.h>

#include "protocol/json_writer.h"
#include "protocol/sigv4.h"
#include "protocol/timestamps.h"
#include "runtime/log.h"
#include "services/sns/named.h"

namespace matinee::sns {

namespace {

using Outcome = services::DeliveryResult::Outcome;

/// With which an attribute of a topic begins that is about such targets.
std::string_view feedback_of(std::string_view target) {
  if (target.starts_with("http")) return "HTTP";
  if (target.find(":sqs:") != std::string_view::npos) return "SQS";
  if (target.find(":lambda:") != std::string_view::npos) return "Lambda";
  if (target.find(":endpoint/") != std::string_view::npos) return "Application";
  return "";
}

std::string json_text(std::string_view text) {
  std::string out;
  protocol::json::append_string(out, text);
  return out;
}

/// The endpoint, as the subscription calls it.
std::string_view destination_of(std::string_view target) {
  for (const std::string_view kind : {"mailto:", "sms:", "push:"})
    if (target.starts_with(kind)) return target.substr(kind.size());
  return target;
}

/// "2016-01-19 18:27:54.444".
std::string log_time(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, std::chrono::floor<std::chrono::milliseconds>(time));
  text[10] = ' ';
  text.pop_back();
  return text;
}

std::string md5_of(std::string_view text) {
  std::array<std::uint8_t, 16> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_md5(), nullptr);
  return protocol::sigv4::to_hex(digest);
}

/// What was published: the member of an envelope, or all of a raw delivery.
std::string message_of(const services::Delivery& delivery) {
  simdjson::dom::parser parser;
  simdjson::dom::object envelope;
  std::string_view id;
  std::string_view message;
  const bool is_envelope =
      !parser.parse(delivery.body.data(), delivery.body.size()).get(envelope) &&
      !envelope["MessageId"].get(id) && id == delivery.id && !envelope["Message"].get(message);
  return is_envelope ? std::string(message) : delivery.body;
}

/// What stands for the answer of who has got it, as AWS logs it.
std::string provider_response(const services::DeliveryResult& result, const std::string& request) {
  if (!result.response.empty()) return result.response;
  if (result.outcome != Outcome::delivered) return result.reason;
  if (result.id.empty()) return "{}";
  return fmt::format(R"({{"sqsRequestId":"{}","sqsMessageId":"{}"}})", request, result.id);
}

}  // namespace

bool Service::reads_bodies(const services::Delivery& delivery) {
  if (!neighbours_.logs) return false;
  const LiveTopic* topic = find_topic(delivery.source_arn);
  return topic && topic->settings.logs_deliveries;
}

void Service::settled(const services::Delivery& delivery, const services::DeliveryResult& result) {
  if (result.outcome == Outcome::put_off) return;
  const bool succeeded = result.outcome == Outcome::delivered;
  TopicCounts& counts = measures_.of(delivery.source_arn);
  if (delivery.via == services::via_dead_letters) {
    ++(succeeded ? counts.redriven : counts.not_redriven);
    return;
  }
  ++(succeeded ? counts.delivered : counts.failed);
  if (!neighbours_.logs) return;
  try {
    const LiveTopic* topic = find_topic(delivery.source_arn);
    if (topic && topic->settings.logs_deliveries) log_delivery(*topic, delivery, result);
  } catch (const std::exception& error) {
    spdlog::warn("A delivery of {} could not be logged: {}", delivery.source_arn, error.what());
  }
}

void Service::log_delivery(const LiveTopic& topic, const services::Delivery& delivery,
                           const services::DeliveryResult& result) {
  const std::string_view protocol = feedback_of(delivery.target);
  if (protocol.empty()) return;
  const bool succeeded = result.outcome == Outcome::delivered;
  const std::string role =
      fmt::format("{}{}FeedbackRoleArn", protocol, succeeded ? "Success" : "Failure");
  if (attribute_of(topic.record, role).empty()) return;
  const std::string rate =
      attribute_of(topic.record, fmt::format("{}SuccessFeedbackSampleRate", protocol));
  constexpr std::uint64_t all = 100;
  if (succeeded && !rate.empty() && runtime_.random.below(all) >= std::stoul(rate)) return;
  const std::int64_t milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(result.took).count();
  const int fallback = succeeded ? 200 : 400;
  const std::string line = fmt::format(
      R"({{"notification":{{"messageMD5Sum":"{}","messageId":{},"topicArn":{},"timestamp":{}}},)"
      R"("delivery":{{"deliveryId":{},"destination":{},"providerResponse":{},"dwellTimeMs":{},)"
      R"("attempts":{},"statusCode":{}}},"status":{}}})",
      md5_of(message_of(delivery)), json_text(delivery.id), json_text(topic.arn),
      json_text(log_time(now())), json_text(runtime_.random.uuid()),
      json_text(destination_of(delivery.target)),
      json_text(provider_response(result, runtime_.random.uuid())), milliseconds,
      std::max(result.tries, 1U), result.status != 0 ? result.status : fallback,
      succeeded ? R"("SUCCESS")" : R"("FAILURE")");
  const services::LogLine told{.time = now(), .text = line};
  neighbours_.logs->put({.account = topic.key.account,
                         .region = topic.key.region,
                         .group = fmt::format("sns/{}/{}/{}{}", topic.key.region, topic.key.account,
                                              topic.key.name, succeeded ? "" : "/Failure"),
                         .stream = runtime_.random.uuid()},
                        std::span(&told, 1));
}

}  // namespace matinee::sns
