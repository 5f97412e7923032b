// Names, ARNs and page tokens of CloudWatch Logs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/context.h"
#include "services/logs/catalog/catalog.h"

namespace matinee::logs {

/// "arn:aws:logs:REGION:ACCOUNT:" and what follows it.
std::string arn_of(std::string_view account, std::string_view region, std::string_view resource);

/// Of a group, without ":*".
std::string arn_of(const Group& group);

/// Of the caller, in its region.
NameKey key_of(const services::Context& context, const std::string& name);

/// The group that a name or an ARN means, with or without ":*"; of another service's ARN nothing.
std::optional<NameKey> read_group_identifier(const services::Context& context,
                                             const std::string& identifier);

/// Says where the next page begins. `kind` keeps tokens of different listings apart.
std::string page_token(std::string_view kind, std::string_view place);
/// Throws InvalidParameterException for what page_token has not made.
std::string read_page_token(std::string_view kind, const std::string& token);

struct PageQuery {
  std::string prefix;
  std::optional<std::string> after;
  std::size_t limit = 50;
};

/// Calls `visit(name, record)` for names in order, until it has taken (returned true for) as many
/// as the limit. The name that was taken last, where more may follow.
template <class Table, class Leading, class Visit>
std::optional<std::string> visit_page(const Table& table, const Leading& leading,
                                      const PageQuery& page, Visit visit) {
  using Key = Table::KeyType;
  constexpr std::size_t name_index = std::tuple_size_v<Leading>;
  auto place =
      table.cursor(std::apply([&](const auto&... part) { return table.prefix(part...); }, leading));
  place.seek(std::tuple_cat(leading, std::tuple(std::max(page.prefix, page.after.value_or("")))));
  std::size_t taken = 0;
  std::string last;
  for (; place.valid(); place.next()) {
    const Key key = place.key();
    const std::string& name = std::get<name_index>(key);
    if (page.after && name == *page.after) continue;
    if (!name.starts_with(page.prefix)) break;
    if (taken == page.limit) return last;
    if (!visit(name, place.record())) continue;
    ++taken;
    last = name;
  }
  return std::nullopt;
}

}  // namespace matinee::logs
