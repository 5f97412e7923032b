// Lists page by page. A marker is where the last page ended, in base64: it stays good whatever
// comes and goes meanwhile.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/errors.h"
#include "protocol/base64.h"
#include "storage/table.h"

namespace matinee::iam {

inline constexpr std::size_t default_page = 100;

/// Where a list ends for now, in a response.
struct PageEnd {
  std::optional<std::string> marker;  // where more is to come

  template <class Response>
  void tell(Response& response) const {
    response.is_truncated = marker.has_value();
    response.marker = marker;
  }
};

template <class Request>
std::size_t page_size(const Request& request) {
  return request.max_items ? static_cast<std::size_t>(*request.max_items) : default_page;
}

/// What a marker stands for. Throws ValidationError for what has not been one.
std::string read_marker(const std::string& marker);

/// Calls `visit(key, record)` for what comes after the request's marker; it returns whether the
/// record belongs to the list. Ends with as many as the request wants.
template <class Key, class Record, class Request, class Visit>
PageEnd list_page(const storage::Table<Key, Record>& table, const storage::KeyRange& range,
                  const Request& request, Visit visit) {
  auto cursor = table.cursor(range);
  if (request.marker) {
    const std::string last = read_marker(*request.marker);
    cursor.seek_encoded(last);
    if (cursor.valid() && cursor.encoded_key() == last) cursor.next();
  }
  const std::size_t most = page_size(request);
  std::size_t listed = 0;
  std::string last;
  for (; cursor.valid(); cursor.next()) {
    // Only one that belongs to the list shows that there is more: so it is asked, but not kept.
    if (listed == most) {
      if (visit.belongs(cursor.key(), cursor.record()))
        return {.marker = protocol::base64_encode(last)};
      continue;
    }
    if (!visit.belongs(cursor.key(), cursor.record())) continue;
    visit.add(cursor.key(), cursor.record());
    last = cursor.encoded_key();
    ++listed;
  }
  return {};
}

/// A list's filter and what takes its members.
template <class Belongs, class Add>
struct Visitor {
  Belongs belongs;
  Add add;
};
template <class Belongs, class Add>
Visitor(Belongs, Add) -> Visitor<Belongs, Add>;

/// A visitor of all there is.
template <class Add>
auto visit_all(Add add) {
  return Visitor{[](const auto&, const auto&) { return true; }, std::move(add)};
}

/// A visitor of records whose path begins so.
template <class Add>
auto visit_below(const std::optional<std::string>& path_prefix, Add add) {
  return Visitor{[prefix = path_prefix.value_or("/")](const auto&, const auto& record) {
                   return record.path.starts_with(prefix);
                 },
                 std::move(add)};
}

/// Where a page of a list at hand begins: its marker is a number.
template <class Request>
std::size_t page_start(const Request& request) {
  std::size_t from = 0;
  if (request.marker) {
    const std::string text = read_marker(*request.marker);
    std::from_chars(text.data(), text.data() + text.size(), from);
  }
  return from;
}

/// The end of one before the place `to` of `size`.
inline PageEnd end_page(std::size_t to, std::size_t size) {
  if (to >= size) return {};
  return {.marker = protocol::base64_encode(std::to_string(to))};
}

/// The part of a list at hand that the request wants.
template <class Member, class Request>
PageEnd cut_page(std::vector<Member>& members, const Request& request) {
  const std::size_t from = std::min(page_start(request), members.size());
  const std::size_t to = std::min(members.size(), from + page_size(request));
  const PageEnd end = end_page(to, members.size());
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(to), members.end());
  members.erase(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(from));
  return end;
}

}  // namespace matinee::iam
