#include "services/dynamodb/stream_policies.h"

#include <utility>

namespace matinee::dynamodb {

std::shared_ptr<const policy::Document> StreamPolicies::find(const ChangeLog& changes,
                                                             const StreamKey& key) {
  const std::optional<KeptStream> stream = changes.find(key);
  if (!stream || stream->record.policy.empty()) return nullptr;
  Parsed& parsed = parsed_[stream->record.number];
  if (parsed.revision != stream->record.policy_revision) {
    // It was checked when it was put.
    auto document = policy::parse(stream->record.policy);
    parsed = {.revision = stream->record.policy_revision,
              .document = document ? std::make_shared<const policy::Document>(*std::move(document))
                                   : nullptr};
  }
  return parsed.document;
}

}  // namespace matinee::dynamodb
