// A type of resource: what CloudFormation and Cloud Control make, change, remove and read of it.
// Most types are recipes (`recipe.h`: data); one that no recipe can say is a class of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "resources/calls.h"
#include "resources/schema.h"
#include "runtime/channel.h"
#include "runtime/runtime.h"

namespace matinee::resources {

using templates::Value;

/// Whether work has been given up. State thread only.
class Halt {
 public:
  bool is_on() const { return is_on_; }
  void set() {
    is_on_ = true;
    event_.notify();
  }
  /// Goes on at the next `set`; look at `is_on` first.
  runtime::Event::Wait wait() { return event_.wait(); }

 private:
  bool is_on_ = false;
  runtime::Event event_;
};

/// One resource that is worked on, and by whom. The engine makes it for each step.
struct Subject {
  Calls& calls;
  runtime::Runtime& runtime;
  std::string account;
  std::string region;
  std::string partition = "aws";
  std::string stack_name;  // empty for Cloud Control
  std::string stack_id;
  std::string logical_id;
  /// UUID; the same when a step is done again after a restart: for tokens of idempotency and for
  /// what names are made of.
  std::string token;
  /// The step had begun before the server was started anew. What it makes under a name that it
  /// gives itself may be there already, and is then taken for its own.
  bool is_repeated = false;
  /// What `made` noted before that restart; empty where it had not come so far. Then `create` makes
  /// nothing anew, and does only what follows: an id that a service gives would be another one.
  std::string made_id;
  /// List of {Key, Value}: the stack's tags and AWS's own (aws:cloudformation:*), for types that
  /// have tags. Those of the resource itself come before them.
  Value stack_tags = Value::list();
  /// Of `update`: as they were when the resource was made or changed last.
  Value previous_stack_tags = Value::list();
  /// Of `read`: properties that are known of the resource. Types whose ids alone do not find it (a
  /// stream of a log group) need them; what Cloud Control identifies it by will do.
  Value known = Value::map();
  /// Notes the physical id. To be called in the `keep` of the call that makes the resource.
  std::function<void(std::string id)> made;
  /// Tells a type that waits for long (a custom resource) that its stack does not wait any more:
  /// another resource has failed, or a user has cancelled. It then throws HandlerError
  /// "OperationCancelled" soon. Null where nobody gives up.
  Halt* halt = nullptr;
};

/// A resource that is there.
struct Made {
  std::string id;    // physical id: what Ref gives
  Value attributes;  // map: what Fn::GetAtt gives besides properties, by path ("Arn",
                     // "Endpoint.Port")
};

/// What a resource could not be made, changed or removed for.
class HandlerError : public std::exception {
 public:
  /// `code` is one of CloudFormation's: NotFound, AlreadyExists, InvalidRequest, AccessDenied,
  /// NotUpdatable, NotStabilized, ResourceConflict, ServiceLimitExceeded, Throttling,
  /// GeneralServiceException, ServiceInternalError, InternalFailure; and UnsupportedAction for
  /// types that cannot be read or listed.
  HandlerError(std::string code, std::string message)
      : code(std::move(code)), message(std::move(message)) {}
  const char* what() const noexcept override { return message.c_str(); }

  std::string code;
  std::string message;
};

/// Whether a change of a property makes another resource.
enum class Recreation : std::uint8_t { never, conditionally, always };

class ResourceType {
 public:
  virtual ~ResourceType() = default;

  virtual const Schema& schema() const = 0;

  // All throw HandlerError, and protocol::ServiceError as services do; the engine makes one of the
  // other. `properties` are resolved, and valid by the schema.

  /// Ends when the resource can be used (a table is ACTIVE). Calls `subject.made` once the id is
  /// known.
  virtual runtime::Task<Made> create(Subject& subject, const Value& properties) const = 0;
  /// In place. `before` are the properties as they were set last. What they had and `after` has not
  /// goes back to its default. Attributes that the result leaves out keep their values: the secret
  /// of an access key is told once.
  virtual runtime::Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                                     const Value& after) const = 0;
  /// Ends when the resource is gone. One that is not there is no error.
  virtual runtime::Task<void> remove(Subject& subject, const std::string& id,
                                     const Value& properties) const = 0;
  /// All that can be read of it: properties, and read-only ones. HandlerError NotFound where it is
  /// gone.
  virtual runtime::Task<Value> read(Subject& subject, const std::string& id) const = 0;
  /// What Cloud Control identifies all there are by, parts joined with "|", in their order; mostly
  /// that is the id. `model` has what types need that are listed in something (a log group).
  virtual runtime::Task<std::vector<std::string>> list(Subject& subject,
                                                       const Value& model) const = 0;

  /// The physical id of what Cloud Control identifies by these properties, which are in the order
  /// of the schema. Default: they are it, joined with "|"; types with another id say more.
  virtual std::string id_of(const Value& identifying) const;

  /// What a change of that top-level property from one value to another means. Default: the
  /// schema's.
  virtual Recreation recreation(std::string_view property, const Value* before,
                                const Value* after) const;
};

/// The type of that name, "AWS::SQS::Queue"; null where there is none. They live as long as the
/// program.
const ResourceType* find_type(std::string_view name);
/// In the order of their names.
const std::vector<const ResourceType*>& all_types();

}  // namespace matinee::resources
