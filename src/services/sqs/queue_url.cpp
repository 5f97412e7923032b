#include "services/sqs/queue_url.h"

namespace matinee::sqs {

std::optional<QueueUrl> parse_queue_url(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    const std::size_t path = url.find('/', scheme + 3);
    if (path == std::string_view::npos) return QueueUrl{.account = {}, .name = url};
    url.remove_prefix(path);
  }
  // Two searches for one character each are faster than one for either.
  url = url.substr(0, url.find('?'));
  url = url.substr(0, url.find('#'));
  while (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t last = url.rfind('/');
  if (last == std::string_view::npos && !url.empty()) return QueueUrl{.account = {}, .name = url};
  if (last == std::string_view::npos) return std::nullopt;
  const std::string_view name = url.substr(last + 1);
  std::string_view account = url.substr(0, last);
  if (const std::size_t before = account.rfind('/'); before != std::string_view::npos)
    account.remove_prefix(before + 1);
  if (name.empty() || account.empty()) return std::nullopt;
  if (account == "queue") account = {};
  return QueueUrl{.account = account, .name = name};
}

}  // namespace matinee::sqs
