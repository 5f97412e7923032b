#include "cli/resending.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <vector>

#include "events/client.h"
#include "lambda/client.h"
#include "protocol/json.h"
#include "sns/client.h"
#include "sqs/client.h"
#include "templates/reader.h"
#include "templates/tree.h"

namespace matinee::cli {
namespace {

/// The parts of an ARN; fewer than six where it is none. The last one may have colons.
std::vector<std::string> parts_of(std::string_view arn) {
  std::vector<std::string> parts;
  for (std::size_t colon = 0; parts.size() < 5 && (colon = arn.find(':')) != std::string_view::npos;
       arn.remove_prefix(colon + 1))
    parts.emplace_back(arn.substr(0, colon));
  parts.emplace_back(arn);
  return parts;
}

/// A request of what the caller has said besides, in the words of the API.
template <class Request>
Request read_settings(const insight::Payload& payload) {
  Request request;
  std::string text = payload.settings.value_or("{}");
  protocol::json::read(Request::shape, text, &request, nullptr);
  return request;
}

runtime::Task<Resent> send_message(client::Channel& channel, const insight::Payload& payload,
                                   std::string fresh) {
  const std::vector<std::string> arn = parts_of(*payload.resource);
  const sqs::Client sqs(channel);
  auto request = read_settings<sqs::SendMessageRequest>(payload);
  const auto found =
      co_await sqs.get_queue_url({.queue_name = arn[5], .queue_owner_aws_account_id = arn[4]});
  request.queue_url = found.queue_url.value_or("");
  request.message_body = payload.body.value_or("");
  if (request.message_group_id && arn[5].ends_with(".fifo"))
    request.message_deduplication_id = std::move(fresh);
  const auto sent = co_await sqs.send_message(std::move(request));
  co_return Resent{.resource = *payload.resource, .id = sent.message_id.value_or("")};
}

runtime::Task<Resent> publish(client::Channel& channel, const insight::Payload& payload,
                              std::string fresh) {
  const sns::Client sns(channel);
  auto request = read_settings<sns::PublishRequest>(payload);
  request.topic_arn = *payload.resource;
  request.message = payload.body.value_or("");
  if (payload.resource->ends_with(".fifo")) request.message_deduplication_id = std::move(fresh);
  const auto sent = co_await sns.publish(std::move(request));
  co_return Resent{.resource = *payload.resource, .id = sent.message_id.value_or("")};
}

/// An event is kept as rules see it.
events::PutEventsRequestEntry read_event(const insight::Payload& payload) {
  templates::Value event;
  try {
    event = templates::read_json(payload.body.value_or(""));
  } catch (const templates::TemplateError& error) {
    throw std::runtime_error(fmt::format("This is no event: {}", error.what()));
  }
  const templates::Value* detail = event.find("detail");
  if (!detail || !detail->is_map())
    throw std::runtime_error("This is no event: it has no object with the name \"detail\".");
  events::PutEventsRequestEntry entry{.source = event.text_or("source"),
                                      .detail_type = event.text_or("detail-type"),
                                      .detail = templates::to_json(*detail),
                                      .event_bus_name = *payload.resource};
  if (const templates::Value* resources = event.find("resources"))
    for (const templates::Value& resource : resources->elements())
      (entry.resources ? *entry.resources : entry.resources.emplace()).push_back(resource.text());
  return entry;
}

runtime::Task<Resent> put_event(client::Channel& channel, const insight::Payload& payload) {
  const events::Client events(channel);
  events::PutEventsRequest request;
  request.entries.push_back(read_event(payload));
  const auto put = co_await events.put_events(std::move(request));
  const auto results = put.entries.value_or(std::vector<events::PutEventsResultEntry>());
  if (results.empty()) throw std::runtime_error("The bus has not answered for the event.");
  if (results.front().error_code)
    throw std::runtime_error(fmt::format("The bus refuses the event: {}: {}",
                                         *results.front().error_code,
                                         results.front().error_message.value_or("")));
  co_return Resent{.resource = *payload.resource, .id = results.front().event_id.value_or("")};
}

/// Nobody waits for its answer.
runtime::Task<Resent> call(client::Channel& channel, const insight::Payload& payload) {
  const lambda::Client lambda(channel);
  lambda::InvokeRequest request{.function_name = *payload.resource};
  request.invocation_type = "Event";
  request.payload.emplace().bytes = payload.body.value_or("");
  (void)co_await lambda.invoke(std::move(request));
  co_return Resent{.resource = *payload.resource, .id = {}};
}

std::string service_of(const insight::Payload& payload) {
  const std::vector<std::string> arn = parts_of(payload.resource.value_or(""));
  return arn.size() == 6 ? arn[2] : "";
}

}  // namespace

bool is_sendable(const insight::Payload& payload) {
  if (payload.answer.value_or(false)) return false;
  const std::string service = service_of(payload);
  if (service == "events") return payload.resource->contains(":event-bus/");
  return service == "sqs" || service == "sns" || service == "lambda";
}

runtime::Task<Resent> send_again(client::Channel& channel, insight::Payload payload,
                                 std::string fresh) {
  const std::string service = service_of(payload);
  if (service == "sqs") co_return co_await send_message(channel, payload, std::move(fresh));
  if (service == "sns") co_return co_await publish(channel, payload, std::move(fresh));
  if (service == "events") co_return co_await put_event(channel, payload);
  co_return co_await call(channel, payload);
}

}  // namespace matinee::cli
