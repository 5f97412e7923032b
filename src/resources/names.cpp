#include "resources/names.h"

#include <fmt/format.h>

#include "resources/type.h"

namespace matinee::resources {

namespace {

/// FNV-1a, then mixed: names must differ where tokens do, and be the same in every build.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

std::uint64_t next_of(std::uint64_t& state) {
  std::uint64_t mixed = state += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

void make_lower(std::string& text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
}

}  // namespace

std::string letters_of_token(const Subject& subject, std::size_t size, std::string_view purpose) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::uint64_t state =
      hash_of(fmt::format("{}/{}/{}", subject.token, subject.logical_id, purpose));
  std::string letters;
  for (std::size_t i = 0; i < size; ++i) letters += alphabet[next_of(state) % alphabet.size()];
  return letters;
}

std::string generated_name(const Subject& subject, const NameRules& rules) {
  constexpr std::size_t random_size = 12;
  std::string beginning(rules.beginning);
  if (beginning.empty() && !subject.stack_name.empty()) {
    // Where both are too long together, each may have half of the room, or what the other leaves.
    const std::size_t room = rules.most - random_size - rules.end.size() - 2;
    const std::size_t stack = std::min(subject.stack_name.size(), room);
    const std::size_t kept_of_logical =
        std::min(subject.logical_id.size(), std::max(room / 2, room - stack));
    const std::size_t kept_of_stack = std::min(stack, room - kept_of_logical);
    beginning = fmt::format("{}-{}-", subject.stack_name.substr(0, kept_of_stack),
                            subject.logical_id.substr(0, kept_of_logical));
  }
  std::string name = beginning + letters_of_token(subject, random_size);
  if (rules.is_lower_case) make_lower(name);
  name += rules.end;
  return name;
}

}  // namespace matinee::resources
