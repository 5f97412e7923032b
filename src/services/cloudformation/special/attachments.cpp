#include "services/cloudformation/special/attachments.h"

#include <algorithm>

namespace matinee::cloudformation {

using templates::Value;

namespace {

constexpr std::string_view iam = "AWS::IAM::";

bool has_text(const Value& properties, const std::string& name, const std::string& text) {
  const Value* list = properties.find(name);
  return list && std::ranges::any_of(list->elements(),
                                     [&](const Value& each) { return each.text() == text; });
}

/// By `id`, or elements that are texts.
std::string name_of(const Value& element, std::string_view id) {
  return element.is_map() ? element.text_or(id) : element.text();
}

void leave_out(Value& actual, const Value& expected, std::string_view property,
               const std::vector<std::string>& attached) {
  constexpr std::string_view id = "PolicyName";
  const Value* told = actual.find(property);
  if (!told || attached.empty()) return;
  const Value* wanted = expected.find(property);
  Value left = Value::list();
  for (const Value& element : told->elements()) {
    const std::string name = name_of(element, id);
    const bool is_expected =
        wanted && std::ranges::any_of(wanted->elements(),
                                      [&](const Value& each) { return name_of(each, id) == name; });
    if (is_expected || std::ranges::count(attached, name) == 0) left.append(element);
  }
  actual.set(property, std::move(left));
}

}  // namespace

Attachments::Attachments(std::string_view type, std::string id) : holder_(std::move(id)) {
  if (!type.starts_with(iam)) return;
  const std::string_view noun = type.substr(iam.size());
  if (noun == "Role" || noun == "User" || noun == "Group") noun_ = noun;
}

void Attachments::add(std::string_view type, const std::string& id, const Value& properties) {
  if (!are_possible() || !type.starts_with(iam)) return;
  const std::string_view kind = type.substr(iam.size());
  if (kind == "Policy" && has_text(properties, noun_ + "s", holder_))
    policies_.push_back(properties.text_or("PolicyName"));
  if (kind == noun_ + "Policy" && properties.text_or(noun_ + "Name") == holder_)
    policies_.push_back(properties.text_or("PolicyName"));
  if (kind == "ManagedPolicy" && has_text(properties, noun_ + "s", holder_)) managed_.push_back(id);
  if (kind == "UserToGroupAddition" && noun_ == "User" && has_text(properties, "Users", holder_))
    groups_.push_back(properties.text_or("GroupName"));
}

Value Attachments::without(const Value& actual, const Value& expected) const {
  Value left = actual;
  leave_out(left, expected, "Policies", policies_);
  leave_out(left, expected, "ManagedPolicyArns", managed_);
  leave_out(left, expected, "Groups", groups_);
  return left;
}

}  // namespace matinee::cloudformation
