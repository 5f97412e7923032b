// What is wrong with a request by the rules of its model, found while it is decoded and validated.
// How violations are told to the client differs from service to service.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/shape.h"

namespace matinee::protocol {

enum class Rule : std::uint8_t { required, minimum, maximum, pattern, one_of };

struct Violation {
  Rule rule;
  std::string path;   // "entries.1.member.id": members in the model's spelling, from the root
  std::string value;  // as a client would write it; "null" where it is missing
  const Type* type = nullptr;
  const Field* field = nullptr;
};

/// Only the first ones are kept: a request may break the rules a million times.
class Violations {
 public:
  static constexpr std::size_t most = 1000;

  Violations() = default;
  Violations(std::initializer_list<Violation> violations) : kept_(violations) {}

  void push_back(Violation violation) {
    if (!is_full()) kept_.push_back(std::move(violation));
  }
  bool is_full() const { return kept_.size() >= most; }
  bool empty() const { return kept_.empty(); }
  std::size_t size() const { return kept_.size(); }
  const Violation& front() const { return kept_.front(); }
  const Violation& operator[](std::size_t index) const { return kept_[index]; }
  auto begin() const { return kept_.begin(); }
  auto end() const { return kept_.end(); }

 private:
  std::vector<Violation> kept_;
};

/// Lengths, sizes, ranges, patterns and enumerations of `object` and of all that is in it. Strings
/// count in Unicode characters. Appends to `violations`, to which the decoder has already added the
/// required members that it missed.
void validate(const Structure& structure, const void* object, Violations& violations);

/// "Value '…' at '…' failed to satisfy constraint: …".
std::string describe(const Violation& violation);

/// A value as violations show it: text, or JSON. Long ones are cut, and end as lists and maps do.
std::string show_value(const Type& type, const void* value);

/// "2 validation errors detected: Value '…' at '…' failed to satisfy constraint: …; …", as most of
/// AWS's JSON services say it. Never called with an empty list.
std::string describe(const Violations& violations);

}  // namespace matinee::protocol
