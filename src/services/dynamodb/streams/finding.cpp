// What people who ask are told of streams: `matinee why --stream`.
#include <algorithm>

#include "services/dynamodb/streams/service.h"
#include "services/dynamodb/told_writes.h"

namespace matinee::dynamodbstreams {

using dynamodb::ChangeRecord;
using dynamodb::KeptStream;

namespace {

/// That are looked at between two turns.
constexpr std::uint64_t changes_at_once = 64;
constexpr std::size_t most_streams = 100;

}  // namespace

std::optional<services::StreamState> Service::find_stream(const std::string& account,
                                                          const std::string& region,
                                                          const std::string& table) const {
  const std::vector<KeptStream> found =
      changes_.list({.account = account, .region = region, .table = table, .most = most_streams});
  if (found.empty()) return std::nullopt;
  const KeptStream& last = found.back();  // labels are times
  return services::StreamState{.arn = dynamodb::stream_arn(last.key),
                               .view_type = last.record.view_type,
                               .closed_at = last.record.closed_at};
}

/// From the newest back: whoever asks has as a rule just written.
runtime::Task<std::optional<services::FoundChange>> Service::find_change(std::string stream_arn,
                                                                         std::string item) {
  const std::optional<dynamodb::StreamKey> key = dynamodb::parse_stream_arn(stream_arn);
  std::optional<KeptStream> stream = key ? changes_.find(*key) : std::nullopt;
  if (!stream) co_return std::nullopt;
  std::optional<services::FoundChange> found;
  std::uint64_t end = changes_.next(stream->record);
  while (end > changes_.first_readable(stream->record) && !found) {
    const std::uint64_t first = changes_.first_readable(stream->record);
    const std::uint64_t begin = end - first > changes_at_once ? end - changes_at_once : first;
    changes_.read(stream->record, begin, end - 1, [&](std::uint64_t number, ChangeRecord change) {
      const std::string id = dynamodb::event_id(stream->record, number);
      if (id != item && dynamodb::key_text(stream->record.keys,
                                           dynamodb::keys_of(stream->record, change)) != item)
        return true;
      found = {.sequence = sequence_text(number),
               .event_id = id,
               .event_name = std::string(dynamodb::name_of(change.kind)),
               .at = change.at,
               .before = number > 1 ? sequence_text(number - 1) : ""};
      return true;
    });
    end = begin;
    if (loop_.turns().is_over()) co_await loop_.turns().next();
    stream = changes_.find(*key);
    if (!stream) co_return std::nullopt;
  }
  co_return found;
}

}  // namespace matinee::dynamodbstreams
