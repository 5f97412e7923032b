#include "services/dynamodb/transfers/transfer_requests.h"

#include <fmt/format.h>

#include <charconv>

#include "services/arn.h"

namespace matinee::dynamodb::transfers {

Runner& require_runner(const std::shared_ptr<Runner>& runner) {
  if (!runner)
    throw protocol::ServiceError("NotImplemented", 501,
                                 "There is no S3 here to import tables from and export them to.");
  return *runner;
}

void refuse_ion() {
  throw protocol::ServiceError(
      "NotImplemented", 501,
      "Matinee does not read or write Amazon Ion; use DYNAMODB_JSON for tables in S3.");
}

std::string id_of(const Context& context, const std::string& arn, std::string_view kind) {
  const auto parts = services::parse_arn(arn);
  if (!parts || parts->service != "dynamodb" || parts->account != context.account ||
      parts->region != context.region || !parts->resource.starts_with("table/"))
    return "";
  const std::string between = "/" + std::string(kind) + "/";
  const std::size_t place = parts->resource.rfind(between);
  return place == std::string::npos ? "" : parts->resource.substr(place + between.size());
}

std::string page_token(std::string_view id) {
  constexpr std::size_t least = 112;
  constexpr std::size_t unit = 16;
  std::string token;
  for (const char c : id) token += fmt::format("{:02x}", static_cast<unsigned char>(c));
  token.resize(std::max(least, (token.size() + unit - 1) / unit * unit), '0');
  return token;
}

std::string id_of_page_token(const std::string& token) {
  std::string id;
  for (std::size_t i = 0; i + 1 < token.size(); i += 2) {
    unsigned char byte = 0;
    const char* digits = token.data() + i;
    if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
      throw validation_error("Invalid NextToken");
    if (byte == 0) break;
    id += static_cast<char>(byte);
  }
  return id;
}

std::string status_name(Status status) {
  return status == Status::in_progress ? "IN_PROGRESS"
         : status == Status::completed ? "COMPLETED"
                                       : "FAILED";
}

TransferRecord begin_transfer(const Context& context, const TableRecord& table, runtime::Time now) {
  return {.caller = record_caller(context),
          .table = table.name,
          .number = table.number,
          .table_id = table.id,
          .table_arn = table_arn(table),
          .started = now};
}

}  // namespace matinee::dynamodb::transfers
