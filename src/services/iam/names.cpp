#include "services/iam/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace matinee::iam {

std::string fold(std::string_view name) {
  std::string folded(name);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return folded;
}

std::string make_id(std::string_view prefix, runtime::Random& random) {
  constexpr std::size_t letters = 17;
  return std::string(prefix) + random.text(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
}

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::user:
      return "user";
    case Kind::group:
      return "group";
    case Kind::role:
      return "role";
    case Kind::policy:
      return "policy";
    case Kind::instance_profile:
      return "instance-profile";
  }
  return "";
}

std::string make_arn(std::string_view account, std::string_view type, std::string_view path,
                     std::string_view name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", account, type, path, name);
}

std::optional<EntityArn> parse_entity_arn(std::string_view text) {
  constexpr std::string_view start = "arn:aws:iam::";
  if (!text.starts_with(start)) return std::nullopt;
  text.remove_prefix(start.size());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view account = text.substr(0, colon);
  const bool is_number = account.size() == 12 &&
                         std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number && account != "aws") return std::nullopt;
  const std::string_view resource = text.substr(colon + 1);
  if (resource == "root") return EntityArn{std::string(account), "root", "/", "root"};
  const std::size_t first = resource.find('/');
  const std::size_t last = resource.rfind('/');
  if (first == std::string_view::npos || first == 0 || last + 1 == resource.size())
    return std::nullopt;
  return EntityArn{std::string(account), std::string(resource.substr(0, first)),
                   std::string(resource.substr(first, last - first + 1)),
                   std::string(resource.substr(last + 1))};
}

}  // namespace matinee::iam
