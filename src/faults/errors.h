// The errors that faults answer with: those of a service's model, those that all services of its
// protocol have, and three words for what each service says in its own way.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "faults/rule.h"
#include "protocol/operation.h"

namespace matinee::faults {

/// Whether `error` can be made for calls of the service without a status being given.
bool knows_error(const protocol::ServiceModel& service, std::string_view error);

/// The error of a rule whose action is one, for a call of the service. Without a message of its own
/// it has AWS's, and where that is not known `otherwise`. An unknown error without a status is 400.
std::shared_ptr<protocol::ServiceError> make_error(const protocol::ServiceModel& service,
                                                   const Rule& rule, std::string otherwise);

}  // namespace matinee::faults
