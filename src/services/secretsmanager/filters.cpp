#include "services/secretsmanager/filters.h"

#include <algorithm>
#include <string_view>

#include "secretsmanager/errors.h"

namespace matinee::secretsmanager {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool begins_without_case(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() &&
         std::ranges::equal(text.substr(0, beginning.size()), beginning, {}, to_lower, to_lower);
}

// Calls `visit` for each word until it returns true; whether it did.
template <class IsGap, class Visit>
bool any_word(std::string_view text, IsGap is_gap, Visit visit) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_gap(text[at])) ++at;
    std::size_t end = at;
    while (end < text.size() && !is_gap(text[end])) ++end;
    if (end > at && visit(text.substr(at, end - at))) return true;
    at = end;
  }
  return false;
}

bool is_space(char c) {
  return c == ' ';
}

bool is_sign(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && !(c >= '0' && c <= '9') && !(to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

// Every word of the value must begin some word of the text.
bool has_words(std::string_view text, std::string_view value) {
  return !any_word(value, is_space, [&](std::string_view word) {
    return !any_word(text, is_space, [&](std::string_view candidate) {
      return begins_without_case(candidate, word);
    });
  });
}

// The word begins the text, or a part of it between signs.
bool is_in(std::string_view text, std::string_view word) {
  return begins_without_case(text, word) ||
         any_word(text, is_space,
                  [&](std::string_view part) { return begins_without_case(part, word); }) ||
         any_word(text, is_sign,
                  [&](std::string_view part) { return begins_without_case(part, word); });
}

bool is_anywhere(const SecretRecord& secret, std::string_view value) {
  return !any_word(value, is_space, [&](std::string_view word) {
    return !is_in(secret.name, word) && !is_in(secret.description, word) &&
           std::ranges::none_of(secret.tags, [&](const auto& tag) {
             return is_in(tag.first, word) || is_in(tag.second, word);
           });
  });
}

bool fits(const SecretRecord& secret, std::string_view key, std::string_view value) {
  if (key == "name") return secret.name.starts_with(value);
  if (key == "description") return has_words(secret.description, value);
  if (key == "primary-region") return secret.primary_region.starts_with(value);
  if (key == "owning-service") return false;  // nothing here is made by another service
  if (key == "all") return is_anywhere(secret, value);
  return std::ranges::any_of(secret.tags, [&](const auto& tag) {
    return (key == "tag-key" ? tag.first : tag.second).starts_with(value);
  });
}

}  // namespace

void require_filters(const std::vector<Filter>& filters) {
  for (const Filter& filter : filters) {
    if (!filter.key) throw InvalidParameterException("Invalid filter key");
    if (!filter.values || filter.values->empty())
      throw InvalidParameterException("Invalid filter values for key: " + *filter.key);
  }
}

bool pass(const std::vector<Filter>& filters, const SecretRecord& secret) {
  return std::ranges::all_of(filters, [&](const Filter& filter) {
    return std::ranges::any_of(*filter.values, [&](std::string_view value) {
      const bool negated = value.starts_with('!');
      if (negated) value.remove_prefix(1);
      return fits(secret, *filter.key, value) != negated;
    });
  });
}

}  // namespace matinee::secretsmanager
