// How complex a wildcard is: the most places in it at which a matcher, in the worst case, has to be
// at once. AWS's matcher measures it so, and EventBridge sets a limit to it.
#include <algorithm>
#include <array>
#include <set>

#include "patterns/compiler.h"

namespace matinee::patterns {
namespace {

/// Between what EventBridge was seen to accept (7) and to refuse (11).
constexpr std::size_t kMostPlaces = 10;
/// Sets of places that are looked at before the rest is taken to be no worse.
constexpr std::size_t kMostSets = 2000;

class Places {
 public:
  /// AWS matches the closing quote as well; behind it nothing follows.
  explicit Places(const std::string& wildcard) : text_(wildcard + '"' + '\0') {
    for (const char c : text_)
      if (c != kAnyText && c != '\0' && letters_.find(c) == std::string::npos) letters_ += c;
    letters_ += '\x01';
  }

  bool exceed(std::size_t limit) {
    std::vector<Set> open{Set{0}};
    seen_.insert(Set{0});
    while (!open.empty() && seen_.size() < kMostSets) {
      const Set set = std::move(open.back());
      open.pop_back();
      for (const char c : letters_) {
        std::size_t count = 0;
        Set next = step(set, c, count);
        if (count > limit) return true;
        if (seen_.insert(next).second) open.push_back(std::move(next));
      }
    }
    return false;
  }

 private:
  using Set = std::vector<std::uint32_t>;

  /// The places after one more letter; counts the letters of wildcards that it passes as well.
  Set step(const Set& set, char c, std::size_t& count) const {
    Set next;
    for (const std::uint32_t place : set) {
      const bool is_any = text_[place] == kAnyText;
      if (is_any) next.push_back(place);
      const std::uint32_t letter = place + (is_any ? 1 : 0);
      if (text_[letter] == c) next.push_back(letter + 1);
    }
    std::ranges::sort(next);
    next.erase(std::ranges::unique(next).begin(), next.end());
    for (const std::uint32_t place : next) {
      count += text_[place] == kAnyText ? 1 : 0;
      count += place > 0 && text_[place - 1] == c ? 1 : 0;
    }
    return next;
  }

  std::string text_;
  std::string letters_;
  std::set<Set> seen_;
};

}  // namespace

bool is_too_complex(const std::string& wildcard) {
  return wildcard.find(kAnyText) != std::string::npos && Places(wildcard).exceed(kMostPlaces);
}

}  // namespace matinee::patterns
