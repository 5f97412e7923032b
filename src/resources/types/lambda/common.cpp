#include "resources/types/lambda/lambda_types.h"

namespace matinee::resources::types::lambda {

namespace {

// arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER
constexpr std::size_t name_part = 6;
constexpr std::size_t qualifier_part = 7;

/// NAME, or NAME:QUALIFIER, of each form that Lambda knows.
std::string short_name(std::string_view text) {
  constexpr std::string_view mark = "function:";
  const std::size_t place = text.find(mark);
  const bool is_longer = place == 0 || (place != std::string_view::npos && text[place - 1] == ':');
  return std::string(is_longer ? text.substr(place + mark.size()) : text);
}

}  // namespace

std::string function_as_known(const Subject& subject, std::string_view property, std::string told) {
  const std::string known = subject.known.text_or(property);
  return !known.empty() && short_name(known) == short_name(told) ? known : told;
}

Value of_function(const std::string& name, const std::string& qualifier) {
  Value request = fields({{"FunctionName", name}});
  if (!qualifier.empty()) request.set("Qualifier", qualifier);
  return request;
}

std::string function_in(const std::string& arn) {
  return arn.starts_with("arn:") ? part_of(arn, ':', name_part) : arn;
}

std::string qualifier_in(const std::string& arn) {
  return arn.starts_with("arn:") ? part_of(arn, ':', qualifier_part) : "";
}

Task<void> set_tags(Subject& subject, const std::string& arn, const Value& before,
                    const Value& after) {
  const std::vector<std::string> removed = removed_tags(subject, before, after);
  if (!removed.empty())
    co_await call(subject, "lambda:UntagResource",
                  fields({{"Resource", arn}, {"TagKeys", list_of(removed)}}));
  const Value tags = tags_of(subject, after, true);
  if (!tags.elements().empty())
    co_await call(subject, "lambda:TagResource", fields({{"Resource", arn}, {"Tags", tags}}));
}

Value tags_property(const Value& map) {
  Value tags = Value::list();
  for (const templates::Member& tag : map.members())
    if (!tag.name.starts_with("aws:"))
      tags.append(fields({{"Key", tag.name}, {"Value", tag.value}}));
  return tags.elements().empty() ? Value() : tags;
}

Task<void> set_provisioned(Subject& subject, const std::string& arn, const Value& before,
                           const Value& after) {
  if (!differs(before, after, "ProvisionedConcurrencyConfig")) co_return;
  const Value request = of_function(function_in(arn), qualifier_in(arn));
  const Value wanted =
      nested(after, "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions");
  if (wanted.is_null()) {
    co_await call_if_there(subject, "lambda:DeleteProvisionedConcurrencyConfig", request);
    co_return;
  }
  Value put = request;
  co_await call(subject, "lambda:PutProvisionedConcurrencyConfig",
                put.set("ProvisionedConcurrentExecutions", wanted));
  const Value end = co_await wait(subject, {.operation = "lambda:GetProvisionedConcurrencyConfig",
                                            .request = request,
                                            .is_ready = [](const Value& got) {
                                              return got.text_or("Status") != "IN_PROGRESS";
                                            }});
  if (end.text_or("Status") == "FAILED")
    throw HandlerError("NotStabilized", end.text_or("StatusReason"));
}

Task<void> read_provisioned(Subject& subject, const std::string& arn, Value& properties) {
  const Value got = co_await call_if_there(subject, "lambda:GetProvisionedConcurrencyConfig",
                                           of_function(function_in(arn), qualifier_in(arn)));
  const Value wanted = member(got, "RequestedProvisionedConcurrentExecutions");
  if (!wanted.is_null())
    properties.set("ProvisionedConcurrencyConfig",
                   fields({{"ProvisionedConcurrentExecutions", wanted}}));
}

}  // namespace matinee::resources::types::lambda
