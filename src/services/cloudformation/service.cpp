#include "services/cloudformation/service.h"

#include <fmt/format.h>

#include "services/lower_paths.h"

namespace matinee::cloudformation {

Service::Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours)
    : ServiceBase(cloudformation::model),
      store_(store),
      runtime_(runtime),
      neighbours_(neighbours),
      catalog_(store),
      events_(catalog_, runtime.clock, runtime.random) {}

Service::~Service() = default;

protocol::ServiceError Service::invalid(const protocol::Operation&,
                                        const protocol::Violations& violations) const {
  return ValidationError(protocol::describe(services::with_lower_paths(violations)));
}

/// Policies name "stack/NAME/*", and a stack that is not made yet has no UUID.
void Service::complete_arn(const Context& context, std::string& arn) const {
  const std::size_t kind = arn.find(":stack/");
  if (kind == std::string::npos) return;
  const std::string name = arn.substr(kind + std::string_view(":stack/").size());
  if (name.find('/') != std::string::npos) return;
  const std::optional<FoundStack> found = catalog_.find(context, name);
  arn = found ? arn_of(found->key) : arn + "/*";
}

void Service::reset(const services::ResetScope& scope) {
  catalog_.remove_all(scope);
}

}  // namespace matinee::cloudformation
