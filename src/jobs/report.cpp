// Texts that every job's report is made of.
#include "jobs/report.h"

#include <fmt/format.h>

namespace matinee::jobs {

std::string sentence_of(const protocol::ServiceError& error, const std::string& cloud) {
  if (error.code() == "ConnectionFailed")
    return fmt::format("{} gives no answer: {}", cloud, error.message());
  if (error.message().empty())
    return fmt::format("{} answers {} (HTTP status {}).", cloud, error.code(), error.status());
  return fmt::format("{} answers {}: {}", cloud, error.code(), error.message());
}

std::string grouped(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t place = digits.size(); place > 3;) digits.insert(place -= 3, ",");
  return digits;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 60;
  if (text.size() <= longest) return std::string(text);
  std::size_t end = longest;
  // Not in the middle of a character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

void ReportLines::add(std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(text_), "  {:<21}{}\n", name, value);
}

void ReportLines::add_command(std::string_view command) {
  constexpr std::size_t longest = 78;  // and a backslash after a space
  std::size_t column = 2;
  text_ += "  ";
  while (!command.empty()) {
    const std::size_t next = std::min(command.find(" --", 1), command.size());
    if (column > 2 && column + next > longest) {
      text_ += " \\\n     ";
      column = 5;
    }
    text_ += command.substr(0, next);
    column += next;
    command.remove_prefix(next);
  }
  text_ += '\n';
}

void append_json_string(std::string_view text, std::string& out) {
  // U+FFFE and U+FFFF in UTF-8, but for the last byte.
  constexpr std::string_view noncharacter = "\xef\xbf";
  out += '"';
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    if (text.starts_with(noncharacter) && text.size() > 2 && (text[2] | 1) == '\xbf') {
      out += text[2] == '\xbf' ? "\\uffff" : "\\ufffe";
      text.remove_prefix(3);
      continue;
    }
    if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      if (byte == '"' || byte == '\\') out += '\\';
      out += text.front();
    }
    text.remove_prefix(1);
  }
  out += '"';
}

void JsonObject::add(std::string_view name, double value) {
  start(name) += fmt::format("{:.3f}", value);
}

void JsonObject::add(std::string_view name, const std::vector<std::string>& values) {
  std::string& out = start(name);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(values[i], out);
  }
  out += ']';
}

std::string& JsonObject::start(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  append_json_string(name, text_);
  return text_ += ':';
}

}  // namespace matinee::jobs
