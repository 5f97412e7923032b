// S3: the bucket, which is one of the template, notifies the function, and is made after the
// permission to do so. It cannot be a source of that permission, which would be a cycle.
#include <fmt/format.h>

#include <algorithm>

#include "templates/sam/events/event.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

/// The bucket in what is made, as it has become so far.
Value& require_bucket(const Event& event) {
  const Value* given = event.find("Bucket");
  const Value* name = given->find("Ref");
  const Value* source =
      name && name->is_string() ? event.function.translation.find_source(name->text()) : nullptr;
  if (!is_function(*given, "Ref") || !source)
    event.refuse("S3 events must reference an S3 bucket in the same template.", *given);
  const std::string type = source->text_or("Type");
  if (type != "AWS::S3::Bucket")
    throw SamFault{
        name->text(),
        fmt::format("Resource has incorrect Type; expected 'AWS::S3::Bucket', got '{}'", type),
        source->place()};
  return *event.function.translation.find_made(name->text());
}

/// Only where the function is made, too: a condition cannot stand in DependsOn, but a reference in
/// a tag has the same effect.
void depend(Value& bucket, const std::string& permission, const Value* condition) {
  if (condition) {
    Value tag;
    tag.set("Key", "sam:ConditionalDependsOn:" + permission);
    tag.set("Value", choose(condition->text(), ref_to(permission), "no dependency"));
    bucket["Properties"]["Tags"].append(std::move(tag));
    return;
  }
  Value* given = bucket.find("DependsOn");
  Value all = Value::list();
  if (given && given->is_list()) all = *given;
  if (given && given->is_string()) all.append(*given);
  all.append(permission);
  bucket.set("DependsOn", std::move(all));
}

}  // namespace

void translate_bucket(const Event& event) {
  Value& bucket = require_bucket(event);
  const Value* condition = find_given(event.function.source, "Condition");
  if (!bucket.find("Properties") || !bucket.find("Properties")->is_map())
    bucket.set("Properties", Value::map());
  Value& notifications = bucket["Properties"]["NotificationConfiguration"];
  const std::string& name = event.find("Bucket")->find("Ref")->text();
  if (!notifications.is_null() && !notifications.is_map())
    throw SamFault{name, "Invalid type for NotificationConfiguration. Must be a map.",
                   notifications.place()};
  Value& configurations = notifications["LambdaConfigurations"];
  if (!configurations.is_null() && !configurations.is_list())
    throw SamFault{name, "Invalid type for LambdaConfigurations. Must be a list.",
                   configurations.place()};
  const Value* events = event.find("Events");
  const Value::List single{*events};
  for (const Value& one : events->is_list() ? events->elements() : single) {
    Value entry;
    entry.set("Event", one).set("Function", event.function.arn());
    set_given(entry, "Filter", event.find("Filter"));
    Value made =
        condition ? choose(condition->text(), std::move(entry), no_value()) : std::move(entry);
    if (std::ranges::find(configurations.elements(), made) == configurations.elements().end())
      configurations.append(std::move(made));
  }
  depend(bucket, event.id + "Permission", condition);
  Value permission = event.permit("s3.amazonaws.com");
  permission["Properties"].set("SourceAccount", ref_to("AWS::AccountId"));
  event.add("Permission", std::move(permission));
}

}  // namespace matinee::templates::sam
