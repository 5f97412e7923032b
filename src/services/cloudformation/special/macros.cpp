#include "services/cloudformation/special/macros.h"

#include <fmt/format.h>

#include "templates/reader.h"

namespace matinee::cloudformation {

using resources::HandlerError;
using resources::Made;
using resources::Subject;
using templates::Value;

namespace {

MacroKey key_of(const Subject& subject, const std::string& name) {
  return {subject.account, subject.region, name};
}

Made made_of(const std::string& name) {
  return {.id = name, .attributes = Value::map("Id", name)};
}

}  // namespace

std::string Macros::function_of(const MacroKey& key) const {
  const std::optional<MacroRecord> record = table_.find(key);
  return record ? record->function : "";
}

void Macros::reset(const services::ResetScope& scope) {
  table_.erase_range(scope.account ? table_.prefix(*scope.account) : table_.all());
}

MacroType::MacroType(Macros& macros) : macros_(macros), schema_(name) {}

runtime::Task<Made> MacroType::create(Subject& subject, const Value& properties) const {
  const std::string macro = properties.text_or("Name");
  const MacroKey key = key_of(subject, macro);
  storage::Transaction transaction(macros_.store());
  if (const auto known = macros_.table().find(key); known && known->token != subject.token)
    throw HandlerError(
        "AlreadyExists",
        fmt::format("Resource of type '{}' with identifier '{}' already exists.", name, macro));
  macros_.table().put(key, {.function = properties.text_or("FunctionName"),
                            .properties = templates::to_json(properties),
                            .token = subject.token});
  if (subject.made) subject.made(macro);
  transaction.commit();
  co_return made_of(macro);
}

runtime::Task<Made> MacroType::update(Subject& subject, const std::string& id, const Value&,
                                      const Value& after) const {
  storage::Transaction transaction(macros_.store());
  std::optional<MacroRecord> record = macros_.table().find(key_of(subject, id));
  if (!record) throw HandlerError("NotFound", fmt::format("Macro {} does not exist.", id));
  record->function = after.text_or("FunctionName");
  record->properties = templates::to_json(after);
  macros_.table().put(key_of(subject, id), *record);
  transaction.commit();
  co_return made_of(id);
}

runtime::Task<void> MacroType::remove(Subject& subject, const std::string& id, const Value&) const {
  storage::Transaction transaction(macros_.store());
  macros_.table().erase(key_of(subject, id));
  transaction.commit();
  co_return;
}

runtime::Task<Value> MacroType::read(Subject& subject, const std::string& id) const {
  const std::optional<MacroRecord> record = macros_.table().find(key_of(subject, id));
  if (!record) throw HandlerError("NotFound", fmt::format("Macro {} does not exist.", id));
  Value properties = templates::read_json(record->properties);
  properties.set("Id", id);
  co_return properties;
}

runtime::Task<std::vector<std::string>> MacroType::list(Subject& subject, const Value&) const {
  std::vector<std::string> names;
  macros_.table().scan(macros_.table().prefix(subject.account, subject.region),
                       [&](const MacroKey& key, const MacroRecord&) {
                         names.push_back(std::get<2>(key));
                         return true;
                       });
  co_return names;
}

}  // namespace matinee::cloudformation
