// What would have gone to people: mail, SMS, push notifications.
#include "services/insight/hops.h"
#include "services/insight/service.h"

namespace matinee::insight {

ListUnsentResponse Service::list_unsent(const Context& context, const ListUnsentRequest& request) {
  const std::int32_t most = request.max_items.value_or(100);
  if (most < 1 || most > 1000)
    throw protocol::ServiceError("ValidationException", 400, "max-items is between 1 and 1000.");
  ListUnsentResponse response;
  std::vector<UnsentMessage>& messages = response.messages.emplace();
  if (!unsent_) return response;
  const std::string_view account =
      is_in_process(context) ? std::string_view() : std::string_view(context.account);
  for (services::UnsentMessage& kept : unsent_->unsent(account, static_cast<std::size_t>(most)))
    messages.push_back({.time = kept.at,
                        .to = std::move(kept.to),
                        .subject = std::move(kept.subject),
                        .body = std::move(kept.body),
                        .source = std::move(kept.source_arn),
                        .message_id = std::move(kept.id),
                        .region = std::move(kept.region)});
  return response;
}

}  // namespace matinee::insight
