#include "services/sqs/telling.h"

#include <fmt/format.h>

#include "protocol/timestamps.h"
#include "services/payload_settings.h"

namespace matinee::sqs {

void Telling::tell(const Queue& queue, const News& news, const std::vector<ToldMessage>& messages) {
  if (messages.empty() && news.reason.empty()) return;
  std::vector<services::HopMessage> told;
  told.reserve(messages.size());
  for (const ToldMessage& message : messages) {
    told.push_back({.id = message.id, .cause = message.cause, .bytes = message.bytes});
    if (message.sequence != 0) followed_.add(services::Followed::spread(message.sequence));
  }
  // What another service has delivered is told by those who deliver, with what has caused it.
  const bool is_delivered = news.kind == services::HopKind::sent && news.caller != nullptr &&
                            !news.caller->service_principal.empty();
  if (is_delivered) return;
  services::Hop hop{.kind = news.kind,
                    .account = queue.key.account,
                    .region = queue.key.region,
                    .resource = queue.arn,
                    .peer = news.peer,
                    .reason = news.reason,
                    .messages = told};
  if (const services::Context* caller = news.caller) {
    hop.trace = caller->trace_header;
    hop.caller = caller->caller_arn;
    if (!caller->service_principal.empty()) hop.caller = caller->service_principal;
  }
  journal_->note(hop);
}

void Telling::keep(const Queue& queue, const services::Context& sender, services::Payload payload) {
  // Deliveries have the number of what they are made of, also those in a role.
  if (journal_->is_withheld(sender.request_id)) return journal_->withhold(payload.id);
  keep_moved(queue, payload);
}

void Telling::keep_moved(const Queue& queue, services::Payload payload) {
  if (!queue.settings.kms_key.empty()) return journal_->withhold(payload.id);
  payload.account = queue.key.account;
  payload.resource = queue.arn;
  journal_->keep(payload);
}

void Telling::pass_on(const Queue& from, std::string_view id, std::string_view new_id) {
  if (journal_ && (!from.settings.kms_key.empty() || journal_->is_withheld(id)))
    journal_->withhold(new_id);
}

std::string told_settings(
    const std::optional<std::map<std::string, MessageAttributeValue>>& attributes,
    const std::optional<std::string>& group_id,
    const std::optional<std::string>& deduplication_id) {
  services::PayloadSettings settings;
  if (attributes)
    for (const auto& [name, value] : *attributes)
      settings.add_attribute({.name = name,
                              .type = value.data_type,
                              .value = value.string_value   ? *value.string_value
                                       : value.binary_value ? value.binary_value->bytes
                                                            : std::string()});
  settings.add("MessageGroupId", group_id);
  settings.add("MessageDeduplicationId", deduplication_id);
  return std::move(settings).text();
}

std::string told_time(runtime::Time time) {
  std::string text;
  protocol::append_iso8601(text, std::chrono::floor<std::chrono::seconds>(time));
  return text;
}

std::string told_times(std::uint32_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

}  // namespace matinee::sqs
