// How what makes resources calls the operations of services: by their names, with trees for
// requests and responses, so that a recipe is data.
#pragma once

#include <functional>
#include <string_view>

#include "runtime/task.h"
#include "templates/tree.h"

namespace matinee::resources {

/// Calls in somebody's name, in one account and region. State thread only.
class Calls {
 public:
  virtual ~Calls() = default;

  /// Called with the response, in the transaction of the operation itself where it has one (those
  /// that wait have none: then in one of its own, right after it). What it stores is there exactly
  /// if what the operation did is.
  using Keep = std::function<void(const templates::Value& response)>;

  /// `operation` is "sqs:CreateQueue", by the name of its model and its own; "sns:Subscribe@REGION"
  /// is called in another region than all others. Members of `request`
  /// are the operation's by their names, letters' case apart, and become what its table says:
  /// "true" a truth, "5" a number, a map or list for which there is a text its JSON, a list of
  /// {Key, Value} for which there is a map that map. A member that the operation has not is a
  /// mistake of the caller: ServiceError "ValidationException" with its name. Blobs are base64;
  /// timestamps ISO 8601. Throws protocol::ServiceError, as the operation does.
  virtual runtime::Task<templates::Value> call(std::string_view operation, templates::Value request,
                                               Keep keep = nullptr) = 0;
};

}  // namespace matinee::resources
