// Which types there are: classes, and recipes of models/recipes/.
#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

#include "resources/data.h"
#include "resources/recipe.h"
#include "resources/types/coded_type.h"
#include "templates/text_readers.h"

namespace matinee::resources {

namespace {

using templates::Member;

/// All recipes, read when the first type is asked for: a few hundred kilobytes and a millisecond.
class Registry {
 public:
  Registry() {
    for (const types::CodedType* type : types::coded_types())
      types_[std::string(type->name())] = type;
    for (const DataFile& file : data_files())
      if (file.name.starts_with("recipes/"))
        for (const Member& recipe : templates::read_json(file.text).members()) add(recipe);
  }

  const ResourceType* find(std::string_view name) const {
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : found->second;
  }
  std::vector<const ResourceType*> all() const {
    std::vector<const ResourceType*> all;
    for (const auto& [name, type] : types_) all.push_back(type);
    return all;
  }

 private:
  std::vector<std::unique_ptr<RecipeType>> recipes_;
  std::map<std::string, const ResourceType*, std::less<>> types_;

  void add(const Member& recipe) {
    const Schema* schema = find_schema(recipe.name);
    if (!schema) throw std::logic_error("a recipe without a schema: " + recipe.name);
    recipes_.push_back(std::make_unique<RecipeType>(*schema, recipe.value));
    types_[recipe.name] = recipes_.back().get();
  }
};

const Registry& registry() {
  static const Registry registry;
  return registry;
}

}  // namespace

const ResourceType* find_type(std::string_view name) {
  return registry().find(name);
}

const std::vector<const ResourceType*>& all_types() {
  static const std::vector<const ResourceType*> all = registry().all();
  return all;
}

}  // namespace matinee::resources
