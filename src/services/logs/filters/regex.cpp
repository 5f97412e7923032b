#include "services/logs/filters/regex.h"

#include <algorithm>
#include <optional>

#include "services/logs/filters/fault.h"

namespace matinee::logs::filters {

namespace {

/// What repetitions may unfold to: `.{1,4000}` and no more.
constexpr std::size_t most_positions = 4096;
/// Then all states are forgotten, and those that are needed are made anew.
constexpr std::size_t most_states = 256;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_allowed(char c) {
  return is_letter_or_digit(c) || std::string_view(":_#=@/;,- ^$?[]{}|\\*+.").contains(c);
}

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

/// Takes an expression apart.
class Regex::Parser {
 public:
  Parser(std::string_view text, Regex& regex) : text_(text), rest_(text), regex_(regex) {}

  void parse() {
    for (const char c : text_)
      if (!is_allowed(c)) refuse_term("%" + std::string(text_) + "%");
    do {
      regex_.starts_.push_back(static_cast<std::uint32_t>(regex_.program_.size()));
      parse_sequence();
      add(Step::match, {});
    } while (take('|'));
    if (!rest_.empty()) refuse_pattern();
  }

 private:
  std::string_view text_;
  std::string_view rest_;
  Regex& regex_;

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char next() {
    if (rest_.empty()) refuse_pattern();
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void add(Step step, const Characters& characters) {
    if (regex_.program_.size() >= most_positions) refuse_pattern();
    regex_.program_.push_back({step, characters});
  }

  void parse_sequence() {
    while (!rest_.empty() && rest_.front() != '|') {
      if (take('^')) {
        add(Step::at_begin, {});
      } else if (take('$')) {
        add(Step::at_end, {});
      } else {
        parse_repeated(parse_characters());
      }
    }
  }

  void parse_repeated(const Characters& characters) {
    std::uint32_t least = 1;
    std::optional<std::uint32_t> most = 1;
    if (take('?')) {
      least = 0;
    } else if (take('*')) {
      least = 0;
      most.reset();
    } else if (take('+')) {
      most.reset();
    } else if (take('{')) {
      least = parse_number();
      most = least;
      if (take(',')) {
        most.reset();
        while (take(' ')) continue;
        if (!rest_.starts_with('}')) most = parse_number();
      }
      if (!take('}') || (most && *most < least)) refuse_pattern();
    }
    if (!rest_.empty() && std::string_view("?*+{").contains(rest_.front())) refuse_pattern();
    for (std::uint32_t i = 0; i < least; ++i) add(Step::once, characters);
    if (!most) return add(Step::any_times, characters);
    for (std::uint32_t i = least; i < *most; ++i) add(Step::maybe, characters);
  }

  std::uint32_t parse_number() {
    std::uint32_t number = 0;
    bool any = false;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      number = number * 10 + static_cast<std::uint32_t>(next() - '0');
      if (number > most_positions) refuse_pattern();
      any = true;
    }
    if (!any) refuse_pattern();
    return number;
  }

  static Characters range(unsigned char first, unsigned char last) {
    Characters characters;
    for (unsigned c = first; c <= last; ++c) characters.set(c);
    return characters;
  }
  static Characters only(char c) {
    Characters characters;
    characters.set(static_cast<unsigned char>(c));
    return characters;
  }

  Characters parse_characters() {
    const char c = next();
    if (c == '.') return ~only('\n');
    if (c == '[') return parse_class();
    if (c == '\\') return parse_escape();
    if (std::string_view("?*+{}]").contains(c)) refuse_pattern();
    return only(c);
  }

  Characters parse_escape() {
    const char c = next();
    const Characters digits = range('0', '9');
    const Characters words = digits | range('a', 'z') | range('A', 'Z') | only('_');
    const Characters spaces =
        only(' ') | only('\t') | only('\n') | only('\r') | only('\f') | only('\v');
    switch (c) {
      case 'd':
        return digits;
      case 'D':
        return ~digits;
      case 'w':
        return words;
      case 'W':
        return ~words;
      case 's':
        return spaces;
      case 'S':
        return ~spaces;
      case 'x': {
        const int high = hexadecimal(next());
        const int low = hexadecimal(next());
        if (high < 0 || low < 0 || high > 7) refuse_pattern();
        return only(static_cast<char>(high * 16 + low));
      }
      default:
        if (is_letter_or_digit(c)) refuse_pattern();
        return only(c);
    }
  }

  Characters parse_class() {
    const bool negated = take('^');
    Characters characters;
    bool is_first = true;
    while (is_first || !rest_.starts_with(']')) {
      is_first = false;
      const char c = next();
      Characters item = c == '\\' ? parse_escape() : only(c);
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        next();
        const char end = next();
        const Characters last = end == '\\' ? parse_escape() : only(end);
        item = between(item, last);
      }
      characters |= item;
    }
    next();
    return negated ? ~characters : characters;
  }

  /// From one character to another.
  static Characters between(const Characters& first, const Characters& last) {
    if (first.count() != 1 || last.count() != 1) refuse_pattern();
    const std::size_t from = first._Find_first();
    const std::size_t to = last._Find_first();
    if (from > to) refuse_pattern();
    return range(static_cast<unsigned char>(from), static_cast<unsigned char>(to));
  }
};

Regex::Regex(std::string_view expression) {
  if (expression.empty()) refuse_pattern();
  Parser(expression, *this).parse();
}

void Regex::forget_states() const {
  states_.clear();
  known_.clear();
  first_ = unknown;
}

/// `position` and all that can be reached from it without a character.
void Regex::add(std::uint32_t position, bool at_begin, std::vector<bool>& seen,
                Positions& out) const {
  while (!seen[position]) {
    seen[position] = true;
    const Step step = program_[position].step;
    if (step == Step::at_begin && !at_begin) return;
    if (step != Step::at_begin) out.push_back(position);
    if (step == Step::once || step == Step::match || step == Step::at_end) return;
    ++position;
  }
}

/// Whether the text may end there.
bool Regex::ends_at(std::uint32_t position) const {
  while (true) {
    const Step step = program_[position].step;
    if (step == Step::match) return true;
    if (step == Step::once || step == Step::at_begin) return false;
    ++position;
  }
}

std::int32_t Regex::state_of(Positions positions) const {
  std::ranges::sort(positions);
  if (const auto found = known_.find(positions); found != known_.end()) return found->second;
  const auto number = static_cast<std::int32_t>(states_.size());
  State& state = states_.emplace_back();
  state.next.fill(unknown);
  for (const std::uint32_t position : positions) {
    state.is_match |= program_[position].step == Step::match;
    state.is_match_at_end |= ends_at(position);
  }
  state.positions = positions;
  known_.emplace(std::move(positions), number);
  return number;
}

std::int32_t Regex::first_state() const {
  std::vector<bool> seen(program_.size());
  Positions positions;
  for (const std::uint32_t start : starts_) add(start, true, seen, positions);
  return state_of(std::move(positions));
}

std::int32_t Regex::follow(std::int32_t from, unsigned char c) const {
  std::vector<bool> seen(program_.size());
  Positions positions;
  for (const std::uint32_t position : states_[static_cast<std::size_t>(from)].positions) {
    const Position& place = program_[position];
    if (place.step == Step::at_end || place.step == Step::match) continue;
    if (!place.characters.test(c)) continue;
    add(place.step == Step::any_times ? position : position + 1, false, seen, positions);
  }
  // The expression may also begin after this character.
  for (const std::uint32_t start : starts_) add(start, false, seen, positions);
  if (states_.size() >= most_states) {
    forget_states();
    return state_of(std::move(positions));
  }
  const std::int32_t to = state_of(std::move(positions));
  states_[static_cast<std::size_t>(from)].next[c] = to;
  return to;
}

bool Regex::is_in(std::string_view text) const {
  if (first_ == unknown) first_ = first_state();
  std::int32_t at = first_;
  for (const char c : text) {
    const State& state = states_[static_cast<std::size_t>(at)];
    if (state.is_match) return true;
    const auto byte = static_cast<unsigned char>(c);
    // What follows the first byte of a character belongs to it: no expression can name it.
    if ((byte & 0xC0) == 0x80) continue;
    const std::int32_t next = state.next[byte];
    at = next != unknown ? next : follow(at, byte);
  }
  const State& last = states_[static_cast<std::size_t>(at)];
  return last.is_match || last.is_match_at_end;
}

}  // namespace matinee::logs::filters
