// A stack as deploying and removing it see it: what changes, what happens, what comes of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/clock.h"

namespace matinee::jobs::deploy {

/// What a change set does to one resource.
struct ResourceChange {
  enum class Kind : std::uint8_t { add, modify, remove, import };
  /// Whether a change makes another resource in its place.
  enum class Replacement : std::uint8_t { no, perhaps, yes };

  Kind kind = Kind::add;
  std::string name;  // logical id
  std::string type;
  std::string id;  // physical id; empty for one that is made
  Replacement replacement = Replacement::no;
  std::vector<std::string> causes;  // properties, or "Tags", "Metadata" ...
};

struct StackEvent {
  runtime::Time time;
  std::string name;  // logical id; for the stack itself its name
  std::string type;
  std::string id;
  std::string status;
  std::string reason;
  bool is_stack = false;  // the stack itself

  bool is_over() const { return status.ends_with("_COMPLETE") || has_failed(); }
  bool has_failed() const { return status.ends_with("_FAILED"); }
};

struct StackOutput {
  std::string name;
  std::string value;
  std::string description;
};

/// A resource that could not be made, changed or removed, and why.
struct Failure {
  std::string name;
  std::string type;
  std::string reason;
};

/// Whether nothing goes on in a stack of that status.
bool is_at_rest(std::string_view status);

/// Whether what was asked for has been done: CREATE_COMPLETE, UPDATE_COMPLETE, IMPORT_COMPLETE.
bool is_as_wanted(std::string_view status);

/// Of the events since an operation has begun, oldest first: the first resource that has failed by
/// itself and not because others were given up; or what the stack says. Empty where none has.
std::optional<Failure> find_failure(const std::vector<StackEvent>& events);

/// What a person may want to see while it goes on.
class StackListener {
 public:
  virtual ~StackListener() = default;
  virtual void note(const std::string& sentence) = 0;
  virtual void warn(const std::string& sentence) = 0;
  /// Before they are carried out.
  virtual void changes(const std::vector<ResourceChange>& changes) = 0;
  virtual void event(const StackEvent& event) = 0;
};

}  // namespace matinee::jobs::deploy
