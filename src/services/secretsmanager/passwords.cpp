// Random passwords.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::int64_t default_length = 32;

// The kinds of characters that the request lets in, without those that it leaves out one by one.
std::vector<std::string> kinds_of(const GetRandomPasswordRequest& request) {
  struct Kind {
    bool included;
    std::string_view characters;
  };
  const Kind all[] = {
      {!request.exclude_uppercase.value_or(false), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
      {!request.exclude_lowercase.value_or(false), "abcdefghijklmnopqrstuvwxyz"},
      {!request.exclude_numbers.value_or(false), "0123456789"},
      {!request.exclude_punctuation.value_or(false), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
      {request.include_space.value_or(false), " "}};
  const std::string excluded = request.exclude_characters.value_or("");
  std::vector<std::string> kinds;
  for (const Kind& kind : all) {
    std::string characters(kind.included ? kind.characters : "");
    std::erase_if(characters, [&](char c) { return excluded.contains(c); });
    if (!characters.empty()) kinds.push_back(std::move(characters));
  }
  return kinds;
}

}  // namespace

GetRandomPasswordResponse Service::get_random_password(const Context&,
                                                       const GetRandomPasswordRequest& request) {
  const std::vector<std::string> kinds = kinds_of(request);
  const auto length = static_cast<std::size_t>(request.password_length.value_or(default_length));
  if (kinds.empty())
    throw InvalidParameterException(
        "You can't exclude every character: nothing is left to make a password of.");
  const bool each = request.require_each_included_type.value_or(true);
  if (each && length < kinds.size())
    throw InvalidParameterException(
        fmt::format("Password length {} is too short based on the required types.", length));
  std::string alphabet;
  for (const std::string& kind : kinds) alphabet += kind;
  std::string password = runtime_.random.text(length, alphabet);
  if (!each) return {.random_password = password};
  // One of each kind, and then all of them in an order by chance.
  for (std::size_t i = 0; i < kinds.size(); ++i)
    password[i] = kinds[i][runtime_.random.below(kinds[i].size())];
  for (std::size_t i = length; i > 1; --i)
    std::swap(password[i - 1], password[runtime_.random.below(i)]);
  return {.random_password = password};
}

}  // namespace matinee::secretsmanager
