// One operation with one resource, by a recipe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/error.h"
#include "resources/recipe.h"

namespace matinee::resources {

class Run {
 public:
  enum class Purpose : std::uint8_t { create, update, remove, read };

  struct Work {
    Purpose purpose;
    const Value* before = nullptr;  // of an update
  };

  /// All must outlive the run. `properties` are those of after.
  Run(const RecipeType& type, Subject& subject, const Value& properties, Work work);

  /// Of a resource that is there.
  void use_id(const std::string& id);
  /// Of one that is to be made: its name.
  void use_new_name();

  /// HandlerError InvalidRequest for what the recipe refuses.
  void refuse_properties();
  /// Throws HandlerError AlreadyExists where creation would write over a resource.
  runtime::Task<void> require_absent();
  /// The recipe's list of that name; nothing where there is none.
  runtime::Task<void> steps(std::string_view name);
  runtime::Task<void> settings();
  runtime::Task<void> tags();
  /// What "take" of all steps has given, in the form of the schema.
  Value taken() const;
  runtime::Task<Made> finish();
  runtime::Task<std::vector<std::string>> list();

 private:
  const RecipeType& type_;
  const Value& recipe_;
  Subject& subject_;
  Purpose purpose_;
  Scope scope_;
  std::string id_;
  bool is_made_ = false;
  Value taken_ = Value::map();

  void let();
  void set(std::string_view name, Value value) { scope_.variables[std::string(name)] = value; }
  const Value* part(std::string_view name) const { return recipe_.find(name); }
  bool has_given_name() const;
  bool is_changed(std::string_view property) const;
  bool is_any_changed(const Value& properties) const;
  bool is_any_set(const Value& properties) const;
  void note_made();
  /// Of properties and the stack, the first of each key: list of {Key, Value}.
  Value all_tags(const Value* properties, const Value& stack_tags) const;

  runtime::Task<void> run_all(const Value& steps, bool may_make);
  runtime::Task<void> run(const Value& step, bool makes);
  runtime::Task<void> run_once(const Value& step, bool makes);
  /// False where an error of the call was ignored.
  runtime::Task<bool> call(const Value& step, bool makes);
  std::string operation_of(const Value& step) const;
  runtime::Task<Value> call_pages(const Value& step, Value request, Calls::Keep keep);
  runtime::Task<void> call_until(const Value& step, bool makes);
  bool is_ignored(const Value& step, const protocol::ServiceError& error) const;
  runtime::Task<void> set_or_clear(const Value& setting);
};

}  // namespace matinee::resources
