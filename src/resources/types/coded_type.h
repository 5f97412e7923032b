// What the types that are classes of their own have in common.
#pragma once

#include "resources/types/support.h"

namespace matinee::resources::types {

class CodedType : public ResourceType {
 public:
  explicit CodedType(std::string_view name) : name_(name) {}

  std::string_view name() const { return name_; }
  const Schema& schema() const final;

  /// What `told` gives, in the form of the schema.
  Task<Value> read(Subject& subject, const std::string& id) const final;

  /// Properties that are refused by their names: "MetadataConfiguration", "Code.ImageUri". For the
  /// coverage, too.
  virtual std::vector<std::string_view> refused() const { return {}; }

 protected:
  /// What can be read of the resource, by the names of its properties. HandlerError NotFound where
  /// it is gone.
  virtual Task<Value> told(Subject& subject, const std::string& id) const = 0;
  /// HandlerError InvalidRequest that names the first of `refused` that is there.
  void refuse_unserved(const Value& properties) const;

 private:
  std::string_view name_;
};

/// All of them. They live as long as the program.
std::vector<const CodedType*> coded_types();

}  // namespace matinee::resources::types
