#include "services/lambda/catalog/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lambda/errors.h"
#include "protocol/base64.h"
#include "protocol/timestamps.h"
#include "services/arn.h"

namespace matinee::lambda {

namespace {

constexpr std::string_view function_kind = "function:";
constexpr std::size_t account_length = 12;

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "NAME" or "NAME:QUALIFIER".
void set_name(Named& target, std::string_view text) {
  const std::size_t colon = text.find(':');
  std::get<2>(target.key) = text.substr(0, colon);
  if (colon != std::string_view::npos) target.qualifier = text.substr(colon + 1);
}

}  // namespace

std::optional<Named> find_named(std::string_view arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->service != "lambda" || !parts->resource.starts_with(function_kind))
    return std::nullopt;
  Named found{.key = {parts->account, parts->region, {}}};
  set_name(found, std::string_view(parts->resource).substr(function_kind.size()));
  return found;
}

Named named(const Context& context, std::string_view name,
            const std::optional<std::string>& qualifier) {
  Named found{.key = {context.account, context.region, {}}};
  if (std::optional<Named> of_arn = find_named(name)) {
    found = *std::move(of_arn);
    if (std::get<1>(found.key) != context.region)
      refuse_unknown(fmt::format("Functions from '{}' are not reachable in this region ('{}')",
                                 std::get<1>(found.key), context.region));
  } else if (name.size() > account_length && is_number(name.substr(0, account_length)) &&
             name.substr(account_length).starts_with(":function:")) {
    std::get<0>(found.key) = name.substr(0, account_length);
    set_name(found, name.substr(account_length + 1 + function_kind.size()));
  } else {
    if (name.starts_with(function_kind)) name.remove_prefix(function_kind.size());
    set_name(found, name);
  }
  if (qualifier && !qualifier->empty()) {
    if (!found.qualifier.empty() && found.qualifier != *qualifier)
      refuse(
          "The derived qualifier from the function name does not match the specified qualifier.");
    found.qualifier = *qualifier;
  }
  return found;
}

std::string arn_of(const FunctionKey& key) {
  const auto& [account, region, name] = key;
  return fmt::format("arn:aws:lambda:{}:{}:function:{}", region, account, name);
}

std::string arn_of(const FunctionKey& key, std::string_view qualifier) {
  std::string arn = arn_of(key);
  if (!qualifier.empty()) arn.append(":").append(qualifier);
  return arn;
}

std::string text_of_version(std::uint32_t version) {
  return version == 0 ? std::string(latest) : std::to_string(version);
}

std::optional<std::uint32_t> version_of_text(std::string_view text) {
  if (text == latest) return 0;
  if (!is_number(text)) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // No function has that many; the largest number stands for all of them.
  if (error != std::errc{} || number == 0) return UINT32_MAX;
  return number;
}

std::string date_text(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, time);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

void refuse(std::string message) {
  throw InvalidParameterValueException(std::move(message), {.type = "User"});
}

void refuse_unknown(std::string message) {
  throw ResourceNotFoundException(std::move(message), {.type = "User"});
}

void refuse_unknown_function(const FunctionKey& key, std::string_view qualifier) {
  refuse_unknown("Function not found: " + arn_of(key, qualifier));
}

void refuse_conflict(std::string message) {
  throw ResourceConflictException(std::move(message), {.type = "User"});
}

void refuse_revision(std::string_view call) {
  throw PreconditionFailedException(
      fmt::format("The Revision Id provided does not match the latest Revision Id. Call the {} API "
                  "to retrieve the latest Revision Id",
                  call),
      {.type = "User"});
}

std::string marker_after(std::string_view last) {
  return protocol::base64_encode(last);
}

std::string read_marker(const std::optional<std::string>& marker) {
  if (!marker || marker->empty()) return {};
  std::optional<std::string> last = protocol::base64_decode(*marker);
  if (!last || last->empty()) refuse("Invalid marker");
  return *std::move(last);
}

}  // namespace matinee::lambda
