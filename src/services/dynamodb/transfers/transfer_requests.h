// What requests for imports and exports have in common: their texts, tokens, ARNs and pages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/json.h"
#include "protocol/json_writer.h"
#include "services/dynamodb/transfers/runner.h"

namespace matinee::dynamodb::transfers {

/// A client token is good for so long.
inline constexpr std::chrono::hours token_lifetime{8};
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

}  // namespace matinee::dynamodb::transfers
