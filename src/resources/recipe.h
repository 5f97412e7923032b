// A type of resource as data: `models/recipes/*.json` say which operations make, change, remove and
// read resources of a type, and how its properties become their members. docs/recipes.md shows how
// one is written; `recipes/terms.h` has the words of terms.
//
// A recipe has these members; all but "create", "delete" and "read" can be missing.
//   "name"      {"property", "most": 64, "lower_case", "end": TERM, "beginning": TERM, "of_id":
//   TERM}
//               $name: the property's value, or one that is generated; later what "of_id" makes of
//               the id (itself, where there is no "of_id")
//   "let"       {"variable": TERM}: evaluated in that order before each operation, and again before
//               attributes
//   "id"        TERM of the physical id: $response is what the making step was answered. Default:
//               "$name"
//   "puts"      true: "create" would write over what is there, so that a resource whose name was
//               given is read first
//   "create"    STEPS; the first one makes the resource, or the one with "makes": true
//   "update"    STEPS, or "create": the same ones again
//   "settings"  [{"of": ["A"], "set": STEPS, "clear": STEPS, "created": true}]: set when the
//   resource
//               has been made, and when one of these properties changes; cleared when all are gone.
//               created: "create" has set it already
//   "tags"      {"set": STEPS, "unset": STEPS, "created": false, "system": false}: $tags_set is a
//               list of {Key, Value}, $tags_unset one of keys. created: whether "create" has given
//               $tags. system: whether CloudFormation's own tags are set
//   "delete"    STEPS; that there is nothing to delete is no error
//   "read"      STEPS with "take": {"Property": TERM}, or a term that gives such a map
//   "list"      {"call", "with", "token": "NextToken", "token_in": "Marker", "ids": TERM}
//   "identified" TERM of the physical id by the properties that identify the resource for Cloud
//               Control. Default: that property, or the name
//   "attributes" {"Arn": TERM}: what Fn::GetAtt gives. A term with $read has what "read" gives
//   "refused"   {"Property.Part": "why"}: what cannot be carried out
//   "recreation" {"Property": "never"}: where the schema says "conditionally"
// "$before.A" is a property as it was. A step is a map:
//   "call": "sqs:CreateQueue", "with": TERM of the request; without "call" nothing is called
//   "when": TERM; "changed": ["A"]: in an update only if one of them changes
//   "each": TERM of a list (or map): once for each $item
//   "let": a variable, "be": TERM: set before anything else of the step but "each"
//   "region": TERM: where the call is made, if not where the stack is
//   "pages": {"token": "NextToken", "list": "Items"}: all pages, their lists joined in one response
//   "as": the variable that has the response (always in $response too)
//   "ignore": ["NotFound"]: names of errors, or CloudFormation's codes for them
//   "existing": ["ResourceInUseException"]: no errors where a step is done again after a restart
//   "must": TERM: what is not there is NotFound
//   "fails": TERM of a message: the response says that it has not been done
//   "until": TERM: the call is made again and again until it is true; "fails" ends it
//   "refuse": TERM of a message: the resource is refused if it is there
//   "take": see "read"
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "resources/recipes/terms.h"
#include "resources/type.h"

namespace matinee::resources {

class RecipeType : public ResourceType {
 public:
  /// The schema must outlive it.
  RecipeType(const Schema& schema, Value recipe) : schema_(schema), recipe_(std::move(recipe)) {}

  const Schema& schema() const override { return schema_; }
  const Value& recipe() const { return recipe_; }

  runtime::Task<Made> create(Subject& subject, const Value& properties) const override;
  runtime::Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                             const Value& after) const override;
  runtime::Task<void> remove(Subject& subject, const std::string& id,
                             const Value& properties) const override;
  runtime::Task<Value> read(Subject& subject, const std::string& id) const override;
  runtime::Task<std::vector<std::string>> list(Subject& subject, const Value& model) const override;
  std::string id_of(const Value& identifying) const override;
  Recreation recreation(std::string_view property, const Value* before,
                        const Value* after) const override;

 private:
  const Schema& schema_;
  Value recipe_;
};

/// What a recipe does nothing about: top-level properties that can be set, are no names, and stand
/// in no step and no refusal. Empty for a good recipe.
std::vector<std::string> forgotten_properties(const RecipeType& type);

}  // namespace matinee::resources
