#include "services/dynamodb/streams/shard_iterator.h"

#include <tuple>

#include "protocol/base64.h"
#include "storage/key.h"

namespace matinee::dynamodbstreams {

namespace {

constexpr std::string_view version = "|1|";

using Place = std::tuple<std::uint64_t, std::uint64_t, bool, runtime::Time>;

}  // namespace

std::string to_text(const ShardIterator& iterator) {
  const Place place{iterator.shard, iterator.next, iterator.is_exact, iterator.made_at};
  return iterator.stream_arn + std::string(version) +
         protocol::base64_encode(storage::encode_key(place));
}

std::optional<ShardIterator> parse_iterator(std::string_view text) {
  const std::size_t mark = text.find(version);
  if (mark == std::string_view::npos) return std::nullopt;
  const auto bytes = protocol::base64_decode(text.substr(mark + version.size()));
  if (!bytes) return std::nullopt;
  try {
    const auto [shard, next, is_exact, made_at] = storage::decode_key<Place>(*bytes);
    return ShardIterator{.stream_arn = std::string(text.substr(0, mark)),
                         .shard = shard,
                         .next = next,
                         .is_exact = is_exact,
                         .made_at = made_at};
  } catch (const storage::DamagedRecord&) {
    return std::nullopt;
  }
}

}  // namespace matinee::dynamodbstreams
