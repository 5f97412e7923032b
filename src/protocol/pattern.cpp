#include "protocol/pattern.h"

#include <unordered_map>

#include "protocol/utf8.h"

namespace matinee::protocol {
namespace {

constexpr std::size_t max_program = 100'000;
constexpr std::uint32_t unlimited = ~std::uint32_t{0};

struct Unsupported {};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  throw Unsupported{};
}

}  // namespace

void Pattern::Set::add(char32_t first, char32_t last) {
  for (char32_t c = first; c <= last && c < 128; ++c) ascii.set(c);
  if (last >= 128) ranges.emplace_back(std::max<char32_t>(first, 128), last);
}

bool Pattern::Set::contains(char32_t character) const {
  if (character < 128) return ascii.test(character) != negated;
  for (const auto& [first, last] : ranges)
    if (character >= first && character <= last) return !negated;
  return negated;
}

/// Recursive descent over the expression, which comes from a model and is short. Each function
/// appends the program of what it reads.
class Pattern::Compiler {
 public:
  Compiler(std::string_view expression, std::vector<Set>& sets, std::vector<Instruction>& program)
      : rest_(expression), sets_(sets), program_(program) {}

  void compile() {
    alternatives();
    if (!rest_.empty()) throw Unsupported{};
    emit(Code::match);
  }

 private:
  std::string_view rest_;
  std::vector<Set>& sets_;
  std::vector<Instruction>& program_;

  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.size()); }

  std::uint32_t emit(Code code, std::uint32_t first = 0, std::uint32_t second = 0) {
    if (program_.size() >= max_program) throw Unsupported{};
    program_.push_back({code, first, second});
    return here() - 1;
  }

  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  char take() {
    if (rest_.empty()) throw Unsupported{};
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  /// Programs jump to absolute places, so moving one means to shift its jumps.
  void append(const std::vector<Instruction>& part, std::uint32_t from) {
    const std::uint32_t offset = here() - from;
    for (const Instruction& instruction : part) {
      const bool jumps = instruction.code == Code::split || instruction.code == Code::jump;
      emit(instruction.code, instruction.first + (jumps ? offset : 0),
           instruction.second + (jumps ? offset : 0));
    }
  }

  std::vector<Instruction> cut(std::uint32_t from) {
    std::vector<Instruction> part(program_.begin() + from, program_.end());
    program_.resize(from);
    return part;
  }

  void alternatives() {
    const std::uint32_t start = here();
    sequence();
    while (skip("|")) {
      const std::vector<Instruction> left = cut(start);
      const auto size = static_cast<std::uint32_t>(left.size());
      emit(Code::split, start + 1, start + size + 2);
      append(left, start);
      const std::uint32_t jump = emit(Code::jump);
      sequence();
      program_[jump].first = here();
    }
  }

  void sequence() {
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const std::uint32_t start = here();
      atom();
      repetition(start);
    }
  }

  void atom() {
    if (skip("(")) {
      if (skip("?") && !skip(":")) throw Unsupported{};
      alternatives();
      if (!skip(")")) throw Unsupported{};
      return;
    }
    if (skip("^")) return void(emit(Code::begin));
    if (skip("$")) return void(emit(Code::end));
    Set set;
    if (skip("[")) {
      read_class(set);
    } else if (skip(".")) {
      set.add('\n', '\n');
      set.add('\r', '\r');
      set.negated = true;
    } else {
      element(set);
    }
    sets_.push_back(std::move(set));
    emit(Code::set, static_cast<std::uint32_t>(sets_.size() - 1));
  }

  void read_class(Set& set) {
    set.negated = skip("^");
    bool first = true;
    while (first || rest_.empty() || rest_.front() != ']') {
      if (rest_.empty() || rest_.starts_with("&&")) throw Unsupported{};
      first = false;
      const char32_t from = element(set);
      if (from == no_character || rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') continue;
      take();
      Set ignored;
      const char32_t to = element(ignored);
      if (to == no_character || to < from) throw Unsupported{};
      set.add(from, to);
    }
    take();
  }

  static constexpr char32_t no_character = ~char32_t{0};

  /// Adds one character, which it returns, or a whole class such as \d.
  char32_t element(Set& set) {
    char32_t character;
    if (rest_.front() != '\\') {
      character = next_character(rest_);
    } else {
      take();
      if (named_class(set)) return no_character;
      character = escaped();
    }
    set.add(character, character);
    return character;
  }

  bool named_class(Set& set) {
    if (skip("d")) {
      set.add('0', '9');
    } else if (skip("w")) {
      add_word(set);
    } else if (skip("s")) {
      for (const char c : {' ', '\t', '\n', '\v', '\f', '\r'})
        set.add(static_cast<char32_t>(c), static_cast<char32_t>(c));
    } else if (skip("S")) {
      set.add(0x21, 0x10ffff);
      set.add(0, 8);
      set.add(0x0e, 0x1f);
    } else if (skip("p{")) {
      property(set);
    } else {
      return false;
    }
    return true;
  }

  static void add_word(Set& set) {
    set.add('a', 'z');
    set.add('A', 'Z');
    set.add('0', '9');
    set.add('_', '_');
  }

  void property(Set& set) {
    const std::string_view name = rest_.substr(0, rest_.find('}'));
    rest_.remove_prefix(std::min(name.size() + 1, rest_.size()));
    const bool letters =
        name == "L" || name == "Alpha" || name == "Alnum" || name == "IsAlphabetic";
    const bool digits = name == "N" || name == "Digit" || name == "Alnum" || name == "Nd";
    if (letters) {
      set.add('a', 'z');
      set.add('A', 'Z');
    }
    if (digits) set.add('0', '9');
    if (name == "Print") return set.add(0x20, 0x7e);
    if (name == "Graph") return set.add(0x21, 0x7e);
    if (name == "ASCII") return set.add(0, 0x7f);
    if (name == "Z" || name == "Zs") {
      set.add(' ', ' ');
    } else if (name == "P" || name == "S" || name == "Punct") {
      for (char32_t c = 0x21; c < 0x7f; ++c)
        if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) set.add(c, c);
    } else if (name != "M" && !letters && !digits) {
      throw Unsupported{};
    }
    set.add(0x80, 0x10ffff);
  }

  char32_t hex(int digits) {
    char32_t value = 0;
    for (int i = 0; i < digits; ++i) value = value << 4 | static_cast<char32_t>(hex_value(take()));
    return value;
  }

  char32_t escaped() {
    const char c = take();
    switch (c) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'x':
        return hex(2);
      case 'u': {
        const char32_t unit = hex(4);
        if (unit < 0xd800 || unit > 0xdbff || !skip("\\u")) return unit;
        return 0x10000 + ((unit - 0xd800) << 10 | (hex(4) & 0x3ff));
      }
      default:
        // Any letter or digit left would have a meaning that is not known here.
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
          throw Unsupported{};
        return static_cast<unsigned char>(c);
    }
  }

  std::uint32_t number() {
    std::uint32_t value = 0;
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') throw Unsupported{};
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = value * 10 + static_cast<std::uint32_t>(take() - '0');
      if (value > max_program) throw Unsupported{};
    }
    return value;
  }

  /// What stands from `start` on, as often as the quantifier that follows says.
  void repetition(std::uint32_t start) {
    std::uint32_t least = 1;
    std::uint32_t most = 1;
    if (skip("*")) {
      least = 0;
      most = unlimited;
    } else if (skip("+")) {
      most = unlimited;
    } else if (skip("?")) {
      least = 0;
    } else if (skip("{")) {
      least = most = number();
      if (skip(",")) most = rest_.starts_with('}') ? unlimited : number();
      if (!skip("}") || most < least) throw Unsupported{};
    } else {
      return;
    }
    if (!skip("?") && skip("+")) throw Unsupported{};
    repeat(cut(start), start, least, most);
  }

  void repeat(const std::vector<Instruction>& part, std::uint32_t from, std::uint32_t least,
              std::uint32_t most) {
    for (std::uint32_t i = 0; i < least; ++i) append(part, from);
    const auto size = static_cast<std::uint32_t>(part.size());
    if (most == unlimited) {
      const std::uint32_t split = here();
      emit(Code::split, split + 1, split + size + 2);
      append(part, from);
      emit(Code::jump, split);
      return;
    }
    for (std::uint32_t i = least; i < most; ++i) {
      const std::uint32_t split = here();
      emit(Code::split, split + 1, split + size + 1);
      append(part, from);
    }
  }
};

/// The places of the program that are reached with the text read so far, each once.
class Pattern::Threads {
 public:
  explicit Threads(const std::vector<Instruction>& program)
      : program_(&program), marks_(program.size(), 0) {}

  void clear() {
    ++mark_;
    places_.clear();
  }
  const std::vector<std::uint32_t>& places() const { return places_; }

  /// Adds a place and all that is reached from it without reading.
  void add(std::uint32_t place, bool at_begin, bool at_end) {
    pending_.push_back(place);
    while (!pending_.empty()) {
      const std::uint32_t current = pending_.back();
      pending_.pop_back();
      if (marks_[current] == mark_) continue;
      marks_[current] = mark_;
      const Instruction& instruction = (*program_)[current];
      switch (instruction.code) {
        case Code::jump:
          pending_.push_back(instruction.first);
          break;
        case Code::split:
          pending_.push_back(instruction.first);
          pending_.push_back(instruction.second);
          break;
        case Code::begin:
          if (at_begin) pending_.push_back(current + 1);
          break;
        case Code::end:
          if (at_end) pending_.push_back(current + 1);
          break;
        case Code::set:
        case Code::match:
          places_.push_back(current);
      }
    }
  }

 private:
  const std::vector<Instruction>* program_;
  std::vector<std::uint32_t> marks_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint32_t> pending_;
  std::uint32_t mark_ = 1;
};

Pattern::Pattern(std::string_view expression) : expression_(expression) {
  try {
    Compiler(expression_, sets_, program_).compile();
    find_short_cut();
  } catch (const Unsupported&) {
    supported_ = false;
  }
}

void Pattern::find_short_cut() {
  // [...]* is split, set, jump, match; [...]+ has one more set before it.
  if (sets_.size() != 1 || (program_.size() != 4 && program_.size() != 5)) return;
  const std::size_t split = program_.size() - 4;
  if (program_[split].code != Code::split || program_[split + 1].code != Code::set) return;
  if (program_[split + 2].code != Code::jump || program_[split + 2].first != split) return;
  if (split == 1 && program_[0].code != Code::set) return;
  only_set_ = true;
  may_be_empty_ = split == 0;
}

const Pattern& Pattern::of(std::string_view expression) {
  thread_local std::unordered_map<std::string_view, std::unique_ptr<Pattern>> kept;
  const auto found = kept.find(expression);
  if (found != kept.end()) return *found->second;
  auto pattern = std::make_unique<Pattern>(expression);
  const std::string_view key = pattern->expression_;
  return *kept.emplace(key, std::move(pattern)).first->second;
}

bool Pattern::matches(std::string_view text) const {
  if (!supported_) return true;
  if (only_set_) {
    if (text.empty()) return may_be_empty_;
    while (!text.empty())
      if (!sets_[0].contains(next_character(text))) return false;
    return true;
  }
  Threads current(program_);
  Threads next(program_);
  current.add(0, true, text.empty());
  while (!text.empty() && !current.places().empty()) {
    const char32_t character = next_character(text);
    next.clear();
    for (const std::uint32_t place : current.places()) {
      const Instruction& instruction = program_[place];
      if (instruction.code == Code::set && sets_[instruction.first].contains(character))
        next.add(place + 1, false, text.empty());
    }
    std::swap(current, next);
  }
  if (!text.empty()) return false;
  for (const std::uint32_t place : current.places())
    if (program_[place].code == Code::match) return true;
  return false;
}

}  // namespace matinee::protocol
