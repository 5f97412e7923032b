// Everything that can be said about a template without deploying it, all at once: how it is
// written, what it refers to, whether types and properties exist, and permissions that are plainly
// missing.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/references.h"
#include "templates/template.h"

namespace matinee::cli {

struct TemplateFault {
  enum class Severity : std::uint8_t {
    error,   // it cannot be deployed
    warning  // it can, and will likely not do what it is for; or nobody can tell
  };

  Severity severity = Severity::error;
  templates::Place place;
  std::string resource;  // logical id; empty: of the whole template
  std::string message;   // CloudFormation's words, where it has some
};

/// Calls `visit` for all that properties of resources and values of outputs refer to, with the
/// logical id of the resource, which is empty for outputs.
void visit_references(
    const templates::Template& checked,
    const std::function<void(const std::string& user, const templates::Reference&)>& visit);

/// What CloudFormation says of an attribute that a resource does not have.
std::string unknown_attribute(const templates::Reference& reference);

/// What is known of a stack that would be made of it.
struct CheckOptions {
  std::string region = "us-east-1";
  std::map<std::string, std::string> parameters;
  /// Makes of a template that names local files one that names objects, as deploying it would.
  std::function<templates::Value(templates::Value root)> locate = nullptr;
  /// The nested template of that name (TemplateURL), where it is a file here. Null: none is.
  std::function<std::optional<templates::Value>(const std::string& name)> read_nested = nullptr;
};

struct CheckedTemplate {
  /// In the order of their places.
  std::vector<TemplateFault> faults;
  /// After transforms; null where that is not known because of faults.
  templates::Value transformed;

  bool is_valid() const;
};

/// Never throws for what is wrong with `text`.
CheckedTemplate check_template(std::string_view text, const CheckOptions& options);

}  // namespace matinee::cli
