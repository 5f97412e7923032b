// AWS::Serverless::Function, and what its parts have to know of each other.
#pragma once

#include <string>
#include <vector>

#include "templates/sam/translation.h"

namespace matinee::templates::sam {

/// A function while it is translated.
struct Function {
  Translation& translation;
  const std::string& id;
  const Value& source;      // the resource
  const Value& properties;  // of the resource
  std::string alias;        // its name; empty: nothing is published
  // What its role gets besides what the author lists.
  std::vector<Value> policies;
  std::vector<std::string> managed_policies;
  std::vector<Value> event_policies;
  std::vector<std::string> event_managed_policies;

  std::string alias_id() const;
  /// The function, or the alias that stands for it: by its name or ARN, and always by its ARN.
  Value name() const;
  Value arn() const;
  /// A resource beside the function, with its tags where it propagates them.
  Value make(std::string_view type) const { return make_resource(type, source); }
  const Value* find(std::string_view property) const;

  [[noreturn]] void refuse(std::string message, const Value& at) const;
};

/// Adds everything that is made of it. Throws SamFault.
void translate_function(Translation& translation, const std::string& id, const Value& source);

// The parts.

/// The tags of the function and its role: the author's, after the mark of the translator, which it
/// leaves out where tags are to go on to everything.
Value own_tags(const Function& function);
/// {S3Bucket..}, {ZipFile} or {ImageUri}
Value read_code(const Function& function);
/// Resolves AutoPublishAlias, and checks its name.
std::string read_alias(const Function& function);
/// Resolves AutoPublishCodeSha256; empty: it is not given.
std::string read_code_sha(const Function& function);
/// Adds the version and the alias of the function that has been made, and resolves the parameters
/// in its code.
void add_version_and_alias(Function& function, Value& made);
void add_url(const Function& function);
/// EventInvokeConfig, its queues and topics; permissions to send there go to the role.
void add_destinations(Function& function);
void add_events(Function& function);
/// Adds the role where one is wanted, and returns what the property Role becomes.
Value add_role(const Function& function);
/// Policies of the author, as they become `Policies` and `ManagedPolicyArns` of the role.
void read_policies(const Function& function, Value& inline_policies, Value& managed);
/// Whether the alias moves by deployments; `preference` may be null.
bool wants_deployment(const Function& function, const Value* preference);
/// UpdatePolicy of the alias by DeploymentPreference; null: none is wanted.
Value read_deployment(const Function& function);
/// What all deployments of the template share, after the last function.
void add_deployments(Translation& translation);

}  // namespace matinee::templates::sam
