// What requests for imports and exports have in common: their texts, tokens, ARNs and pages.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "dynamodb/errors.h"
#include "protocol/json.h"
#include "protocol/json_writer.h"
#include "services/dynamodb/transfers/runner.h"

namespace matinee::dynamodb::transfers {

/// A client token is good for so long.
inline constexpr std::chrono::hours token_lifetime{8};
/// On a page of a listing, unless the request says otherwise.
inline constexpr std::int32_t most_listed = 25;
/// For so long what has ended is listed.
inline constexpr std::chrono::days listed_for{90};

template <class Request>
std::string text_of(const Request& request) {
  std::string text;
  protocol::json::append_structure(text, Request::shape, &request);
  return text;
}

template <class Request>
Request request_of(const TransferRecord& record) {
  Request request;
  std::string text = record.request;
  protocol::json::read(Request::shape, text, &request, nullptr);
  return request;
}

/// Throws NotImplemented where no S3 is beside the service.
Runner& require_runner(const std::shared_ptr<Runner>& runner);
[[noreturn]] void refuse_ion();

/// "arn:aws:dynamodb:us-east-1:000000000000:table/films/import/ID": its id; empty where the ARN is
/// none of this account, region and kind ("import", "export").
std::string id_of(const Context& context, const std::string& arn, std::string_view kind);

/// The token of a page that ends with this id, in the form that the model wants: hexadecimal
/// digits, 112 at least.
std::string page_token(std::string_view id);
/// Throws a ValidationException for what is no token.
std::string id_of_page_token(const std::string& token);

/// The one that the same caller has begun with this token within eight hours, if any.
template <class Table>
auto find_token(const Table& table, const Context& context, const std::string& token,
                runtime::Time now) {
  std::optional<std::pair<TransferKey, typename Table::RecordType>> found;
  if (token.empty()) return found;
  table.scan(table.prefix(context.account, context.region),
             [&](const TransferKey& key, const auto& record) {
               if (record.transfer.token == token && record.transfer.started + token_lifetime > now)
                 found.emplace(key, record);
               return true;
             });
  return found;
}

/// As descriptions tell it.
std::string status_name(Status status);

/// What is known of a transfer of a table that begins; its request and token are to be added.
TransferRecord begin_transfer(const Context& context, const TableRecord& table, runtime::Time now);

/// Throws LimitExceededException where the account has `most` under way; `what` is "export" or
/// "import table".
template <class Table>
void require_not_too_many(const Table& table, const Context& context, std::size_t most,
                          std::string_view what) {
  std::size_t running = 0;
  table.scan(table.prefix(context.account, context.region),
             [&](const TransferKey&, const auto& record) {
               running += record.transfer.status == Status::in_progress ? 1 : 0;
               return running < most;
             });
  if (running >= most)
    throw LimitExceededException(
        fmt::format("Up to {} simultaneous {} operations are allowed per account.", most, what));
}

/// What a page of a listing is to have.
struct PageOf {
  std::optional<std::string> table_arn;  // those of this table alone
  std::optional<std::int32_t> limit;     // most_listed unless it is told
  std::optional<std::string> token;      // that the page before ended with
  runtime::Time now;
};

/// Adds a page of the account's records, the newest first, until those that are too old to be
/// listed. Gives the token of the next page, if there is one.
template <class Table, class Add>
std::optional<std::string> list_page(const Table& table, const Context& context, const PageOf& page,
                                     Add add) {
  const auto limit = static_cast<std::size_t>(page.limit.value_or(most_listed));
  const std::string before = page.token ? id_of_page_token(*page.token) : "";
  std::optional<std::string> next;
  std::string last;
  std::size_t count = 0;
  const auto visit = [&](const TransferKey& key, const auto& record) {
    const std::string& id = std::get<2>(key);
    if (!before.empty() && id >= before) return true;
    if (page.table_arn && record.transfer.table_arn != *page.table_arn) return true;
    if (record.transfer.started + listed_for < page.now) return false;
    if (count == limit) {
      next = page_token(last);
      return false;
    }
    add(key, record);
    ++count;
    last = id;
    return true;
  };
  table.scan(table.prefix(context.account, context.region), visit, storage::Order::backward);
  return next;
}

}  // namespace matinee::dynamodb::transfers
