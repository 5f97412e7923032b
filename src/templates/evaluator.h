// Carries out functions. Behind `intrinsics.h`.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "templates/functions.h"
#include "templates/intrinsics.h"

namespace matinee::templates {

class Evaluator {
 public:
  /// What a value becomes.
  struct Result {
    Value value;
    bool is_known = true;
    bool is_removed = false;
  };

  /// Rules need to know the types of parameters: `parameters` may be null elsewhere. All must
  /// outlive the evaluator.
  explicit Evaluator(const Environment& environment, Section section = Section::resources,
                     const std::vector<Parameter>* parameters = nullptr)
      : environment_(environment), section_(section), parameters_(parameters) {}

  Result evaluate(const Value& value);
  /// Of a condition or an assertion. Throws TemplateError where it is neither true nor false.
  bool decide(const Value& value);

  const std::vector<Cause>& causes() const { return causes_; }

 private:
  const Environment& environment_;
  const Section section_;
  const std::vector<Parameter>* parameters_;
  std::vector<Cause> causes_;
  std::set<std::pair<Cause::Kind, std::string>> seen_;
  /// Members of large mappings, by name.
  std::unordered_map<const Value*, std::unordered_map<std::string_view, const Value*>> indexes_;
  /// Of all that functions have made, in bytes.
  std::size_t made_ = 0;

  void note(Cause::Kind kind, const std::string& name);
  /// Counts what a function makes; throws TemplateError where it is too much.
  void count(std::size_t bytes, Place place);
  void count_value(const Value& value, Place place);
  Result text(std::string text, Place place);

  Result evaluate_list(const Value& list);
  Result evaluate_map(const Value& map);
  Result call(const Call& call);
  Result boolean(const Call& call);

  Result reference(const std::string& name, Place place);
  Result pseudo_parameter(const std::string& name, Place place);
  Result attribute(const std::string& id, const std::string& attribute, Place place);
  Result get_att(const Call& call);
  Result sub(const Call& call);
  Result join(const Call& call);
  Result select(const Call& call);
  Result split(const Call& call);
  Result if_else(const Call& call);
  Result find_in_map(const Call& call);
  const Value* member_of(const Value& map, const std::string& name);
  Result base64(const Call& call);
  Result cidr(const Call& call);
  Result import_value(const Call& call);
  Result zones(const Call& call);
  Result to_json_string(const Call& call);
  Result length(const Call& call);

  bool condition(const Call& call, const std::string& name);
  bool is_equal(const Value& left, const Value& right);
  /// Rules: what is said of lists.
  bool contains(const Call& call);
  bool each_member(const Call& call);
  Result all_of_type(const Call& call);
  std::vector<std::string> texts(const Value& list, const Call& call);

  /// An argument that has to be a text. Nothing where it is not known yet.
  std::optional<std::string> argument(const Value& value, const Call& call);
};

/// `count` blocks of 2^`bits` addresses each, the first of those that `block` has. Throws
/// TemplateError.
std::vector<std::string> cidr_blocks(const std::string& block, std::size_t count, unsigned bits);

}  // namespace matinee::templates
