#include "table_files/csv.h"

namespace matinee::table_files {
namespace {

/// The content of a field that begins with a quote; `rest` then begins behind its closing one.
std::optional<std::string> read_quoted(std::string_view& rest) {
  std::string field;
  rest.remove_prefix(1);
  for (;;) {
    const std::size_t quote = rest.find('"');
    if (quote == std::string_view::npos) return std::nullopt;
    field += rest.substr(0, quote);
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) return field;
    field += '"';
    rest.remove_prefix(1);
  }
}

}  // namespace

std::optional<std::vector<std::string>> read_row(std::string_view row, char delimiter) {
  std::vector<std::string> fields;
  for (;;) {
    if (row.starts_with('"')) {
      auto field = read_quoted(row);
      if (!field) return std::nullopt;
      fields.push_back(*std::move(field));
      if (!row.empty() && row.front() != delimiter) return std::nullopt;
    } else {
      fields.emplace_back(row.substr(0, row.find(delimiter)));
      row.remove_prefix(fields.back().size());
    }
    if (row.empty()) return fields;
    row.remove_prefix(1);
  }
}

}  // namespace matinee::table_files
