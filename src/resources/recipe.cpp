#include "resources/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "resources/recipes/run.h"

namespace matinee::resources {

using templates::Member;

runtime::Task<Made> RecipeType::create(Subject& subject, const Value& properties) const {
  Run run(*this, subject, properties, {Run::Purpose::create});
  run.refuse_properties();
  run.use_new_name();
  if (subject.made_id.empty()) {
    co_await run.require_absent();
  } else {
    run.use_id(subject.made_id);
  }
  co_await run.steps("create");
  co_await run.settings();
  co_await run.tags();
  co_return co_await run.finish();
}

runtime::Task<Made> RecipeType::update(Subject& subject, const std::string& id, const Value& before,
                                       const Value& after) const {
  Run run(*this, subject, after, {Run::Purpose::update, &before});
  run.refuse_properties();
  run.use_id(id);
  co_await run.steps("update");
  co_await run.settings();
  co_await run.tags();
  co_return co_await run.finish();
}

runtime::Task<void> RecipeType::remove(Subject& subject, const std::string& id,
                                       const Value& properties) const {
  Run run(*this, subject, properties, {Run::Purpose::remove});
  run.use_id(id);
  co_await run.steps("delete");
}

runtime::Task<Value> RecipeType::read(Subject& subject, const std::string& id) const {
  Run run(*this, subject, subject.known, {Run::Purpose::read});
  run.use_id(id);
  co_await run.steps("read");
  co_return run.taken();
}

runtime::Task<std::vector<std::string>> RecipeType::list(Subject& subject,
                                                         const Value& model) const {
  Run run(*this, subject, model, {Run::Purpose::read});
  co_return co_await run.list();
}

std::string RecipeType::id_of(const Value& identifying) const {
  const Scope scope{.properties = &identifying};
  if (const Value* term = recipe_.find("identified")) return evaluate(*term, scope).text();
  if (schema_.primary_identifier().size() == 1 && identifying.members().size() == 1)
    return identifying.members()[0].value.text();
  const Value* name = recipe_.find("name");
  return name ? identifying.text_or(name->text_or("property")) : "";
}

Recreation RecipeType::recreation(std::string_view property, const Value* before,
                                  const Value* after) const {
  if (const Value* rules = recipe_.find("recreation"))
    if (const std::string rule = rules->text_or(property); !rule.empty())
      return rule == "always"  ? Recreation::always
             : rule == "never" ? Recreation::never
                               : Recreation::conditionally;
  return ResourceType::recreation(property, before, after);
}

std::vector<std::string> forgotten_properties(const RecipeType& type) {
  std::set<std::string, std::less<>> mentioned;
  for (const std::string_view part :
       {"name", "let", "id", "create", "update", "settings", "tags", "delete"})
    if (const Value* found = type.recipe().find(part))
      each_name(*found, [&](std::string_view name) { mentioned.emplace(name); });
  if (mentioned.contains("*")) return {};
  if (const Value* name = type.recipe().find("name")) mentioned.insert(name->text_or("property"));
  if (type.recipe().find("tags") || mentioned.contains("tags"))
    mentioned.emplace(type.schema().tag_property());
  if (const Value* refused = type.recipe().find("refused"))
    for (const Member& member : refused->members())
      mentioned.insert(member.name.substr(0, member.name.find('.')));
  std::vector<std::string> forgotten;
  for (const std::string& property : type.schema().properties())
    if (!mentioned.contains(property)) forgotten.push_back(property);
  return forgotten;
}

}  // namespace matinee::resources
