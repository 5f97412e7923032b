// Queue URLs: http://HOST/ACCOUNT/NAME. Any host will do, since a server may be reached under
// several; only the last two parts of the path count. Old tools write /queue/NAME, and the name of
// the caller's own queue alone will do too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace matinee::sqs {

struct QueueUrl {
  std::string_view account;  // empty: the caller's
  std::string_view name;
};

/// Nothing where the URL has a path of less than two parts; without any path, its host is taken for
/// a name, which no queue has. The views point into it.
std::optional<QueueUrl> parse_queue_url(std::string_view url);

}  // namespace matinee::sqs
