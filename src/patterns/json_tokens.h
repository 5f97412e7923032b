// JSON as tokens, read the way AWS reads patterns: a token is looked at as late as possible, so
// that an error that is found in between tells of the place that AWS tells of. Its messages are
// AWS's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::patterns {

/// What is wrong with a pattern, in AWS's words, with the place where that is known.
struct Fault {
  std::string reason;
};

/// How an error tells of its place.
enum class PlaceForm : std::uint8_t {
  with_text,    // [Source: (String)"TEXT"; line: 1, column: 2]
  without_text  // [Source: REDACTED (...); line: 1, column: 2]
};

class JsonTokens {
 public:
  enum class Token : std::uint8_t {
    end,
    begin_object,
    end_object,
    begin_array,
    end_array,
    name,
    text,
    number,
    boolean_true,
    boolean_false,
    null
  };

  explicit JsonTokens(std::string_view json, PlaceForm form = PlaceForm::with_text)
      : json_(json), form_(form) {}

  /// Throws Fault where the JSON is malformed. After a name the beginning of its value has been
  /// read too; of a text only its opening quote has.
  Token next();
  /// The unescaped text of a name or text, which it reads to its end; else the token as written.
  std::string text();
  /// Throws Fault: `message`, and where.
  [[noreturn]] void fail(const std::string& message) const { fail_at(message, at_); }
  /// The line that tells of the place that has been reached.
  std::string place() const { return place(at_); }

 private:
  struct Level {
    bool is_object;
    bool has_items;
    std::size_t begin;
  };

  [[noreturn]] void fail_at(const std::string& message, std::size_t at) const;
  [[noreturn]] void fail_on_character(std::string_view what);
  [[noreturn]] void fail_on_word(std::size_t begin);
  std::string source(std::size_t at) const;
  std::string place(std::size_t at) const { return "\n at " + source(at); }
  std::string described_character() const;
  char32_t character() const;

  bool skip_space();
  void skip_comma();
  Token close(char c);
  Token read_name();
  Token read_value();
  Token read_word(std::string_view word, Token token);
  Token read_number();
  void read_digits(std::size_t mark, const char* at_end, const char* missing);
  void read_text(bool is_name);
  void read_escape();
  unsigned read_hex();

  std::string_view json_;
  PlaceForm form_;
  std::size_t at_ = 0;
  Token token_ = Token::end;
  bool is_prefetched_ = false;  // the value after a name
  Token prefetched_ = Token::end;
  bool is_unread_ = false;  // a text of which only the opening quote has been read
  std::string text_;        // of the last name, text or literal
  std::string name_;
  std::vector<Level> levels_;
};

}  // namespace matinee::patterns
