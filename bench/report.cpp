// Numbers are printed with three significant places at least, and thousands separated.
#include "report.h"

#include <fmt/format.h>

#include <cmath>

namespace bench {
namespace {

std::string with_thousands(double value) {
  if (value < 100) return fmt::format("{:.2f}", value);
  std::string digits = fmt::format("{:.0f}", value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string_view word_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::met:
      return "met";
    case Verdict::missed:
      return "MISSED";
    case Verdict::information:
      return "";
    case Verdict::failed:
      return "FAILED";
  }
  return "";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string target_of(const Figure& figure) {
  if (!figure.target) return "";
  return (figure.better == Better::higher ? ">= " : "<= ") + with_thousands(*figure.target);
}

}  // namespace

Verdict verdict(const Figure& figure) {
  if (!figure.failure.empty()) return Verdict::failed;
  if (!figure.target) return Verdict::information;
  const bool met = figure.better == Better::higher ? figure.measured >= *figure.target
                                                   : figure.measured <= *figure.target;
  return met ? Verdict::met : Verdict::missed;
}

std::string as_table(const std::vector<Figure>& figures) {
  constexpr auto kLine = "{:<44} {:>12} {:>12} {:<11} {:<7} {}\n";
  std::string out = fmt::format(kLine, "figure", "target", "measured", "unit", "", "");
  out += std::string(100, '-') + "\n";
  for (const Figure& figure : figures) {
    const std::string& note = figure.failure.empty() ? figure.note : figure.failure;
    const std::string measured = figure.failure.empty() ? with_thousands(figure.measured) : "-";
    out += fmt::format(kLine, figure.name, target_of(figure), measured, figure.unit,
                       word_for(verdict(figure)), note);
  }
  return out;
}

std::string as_json(const std::vector<Figure>& figures) {
  std::string out = "[\n";
  for (const Figure& figure : figures) {
    out +=
        fmt::format(R"(  {{"name":{},"unit":{},"target":{},"measured":{},"verdict":{},"note":{}}})",
                    quoted(figure.name), quoted(figure.unit),
                    figure.target ? fmt::format("{}", *figure.target) : "null",
                    figure.failure.empty() ? fmt::format("{:.3f}", figure.measured) : "null",
                    quoted(word_for(verdict(figure))),
                    quoted(figure.failure.empty() ? figure.note : figure.failure));
    out += &figure == &figures.back() ? "\n" : ",\n";
  }
  return out + "]\n";
}

}  // namespace bench
