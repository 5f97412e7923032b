// One run of the transform: the template as it is with Globals filled in, and what has been made of
// it. The parts that translate a type write into it and throw SamFault.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "templates/sam/transform.h"

namespace matinee::templates::sam {

class Translation {
 public:
  Translation(const Value& root, const SamContext& context);
  Translation(const Translation&) = delete;
  Translation& operator=(const Translation&) = delete;

  const SamContext& context() const { return context_; }

  /// A resource of the template as its author wrote it, with Globals; null: there is none.
  const Value* find_source(std::string_view id) const;

  /// From now on the source of this id is translated; empty: none is.
  void begin(std::string_view id);
  /// A fault for each resource that has been made of that source with the id of another source.
  std::vector<SamFault> take_duplicates() { return std::move(duplicates_); }

  /// Adds a resource; one of the same id is replaced, but where it is the author's, that is a
  /// duplicate. Throws SamFault where all become too large.
  void add(std::string_view id, Value resource);
  Value* find_made(std::string_view id);
  /// In the order in which they were added.
  std::vector<Member>& made() { return made_; }

  void add_condition(std::string_view name, Value condition);
  const Value& conditions() const { return conditions_; }

  /// The value with all references (Ref, Fn::Sub) to parameters and to AWS::Region and
  /// AWS::Partition replaced where their values are known.
  Value resolve(const Value& value) const;

  /// {"Ref": "id.property"} means `made` from now on.
  void name_property(std::string_view id, std::string_view property, std::string_view made);
  const std::string* find_property(std::string_view id, std::string_view property) const;
  /// The resource has another id in what is made of the template.
  void rename(std::string_view id, std::string_view made);
  const std::string* find_renamed(std::string_view id) const;
  bool has_renamed() const { return !renamed_.empty() || !properties_.empty(); }

  /// "arn:aws:iam::aws:policy/" + path, in this partition
  std::string managed_policy(std::string_view path) const;

 private:
  std::string resolve_text(std::string_view text, const Value* shadowing) const;
  const Value* find_parameter(std::string_view name) const;

  const SamContext& context_;
  const Value* resources_;
  std::unordered_map<std::string, const Value*> sources_;
  std::map<std::string, Value, std::less<>> parameters_;
  std::string begun_;
  std::vector<SamFault> duplicates_;
  std::vector<Member> made_;
  std::size_t made_bytes_ = 0;
  std::unordered_map<std::string, std::size_t> made_at_;
  Value conditions_;
  std::map<std::pair<std::string, std::string>, std::string, std::less<>> properties_;
  std::map<std::string, std::string, std::less<>> renamed_;
};

/// A resource of `type` with the attributes that everything made of `source` gets (Condition,
/// DeletionPolicy, UpdateReplacePolicy), and no properties. It has the place of the source.
Value make_resource(std::string_view type, const Value& source);
/// With DependsOn too, which only the main resource gets.
Value make_main_resource(std::string_view type, const Value& source);

/// Tags as a list; `marks` are the translator's own, in front. Throws SamFault where one of them is
/// among the tags of the author.
Value list_tags(std::string_view id, const Value* tags, std::vector<Member> marks);
/// Only the tags of the author, where they are to go on to all that is made (PropagateTags).
void propagate_tags(Value& resource, const Value& source_properties);

}  // namespace matinee::templates::sam
