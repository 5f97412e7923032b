// The names of secrets, and how requests name one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/context.h"

namespace matinee::secretsmanager {

struct Place {
  std::string account;
  std::string region;
};

/// A SecretId taken apart.
struct Reference {
  Place place;
  std::string name;
  /// Of a whole ARN the six characters at its end: no other secret of the name will do.
  std::optional<std::string> suffix;
};

/// Letters, digits and some signs. Throws ValidationException.
void require_name(std::string_view name);

/// A name, an ARN, or an ARN without its last seven characters. An ARN that ends in a hyphen and
/// six letters or digits counts as whole, as on AWS: so names that end so are not found by the
/// shorter form. Throws ValidationException.
Reference parse_secret_id(const services::Context& context, std::string_view id);

}  // namespace matinee::secretsmanager
