// Where somebody reads in a shard, as the text that clients hand back: the stream's ARN, a version,
// and the place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/clock.h"

namespace matinee::dynamodbstreams {

struct ShardIterator {
  std::string stream_arn;
  std::uint64_t shard = 0;  // the number of its first change
  std::uint64_t next = 0;   // the number of the change to be read next
  bool is_exact = false;    // whether `next` must still be there: a number was asked for
  runtime::Time made_at;
};

std::string to_text(const ShardIterator& iterator);
/// Nothing for other text.
std::optional<ShardIterator> parse_iterator(std::string_view text);

}  // namespace matinee::dynamodbstreams
