// A stream of a table as event sources of functions read it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/task.h"
#include "services/context.h"

namespace matinee::services {

/// Tells when there is something to read. State thread only.
class ChangeWatch {
 public:
  virtual ~ChangeWatch() = default;

  /// Posts `wake` once, as soon as something is written to the stream. Whoever lets go of what this
  /// returns is not woken any more.
  [[nodiscard]] virtual std::shared_ptr<void> watch(const std::string& stream_arn,
                                                    runtime::Callback wake) = 0;
  /// The number of the last change; empty where there was none. Nothing: there is no such stream.
  virtual std::optional<std::string> find_last_change(const std::string& stream_arn) const = 0;
};

/// One record of a stream.
struct Change {
  std::string sequence;  // its number, whose order as text is that of the changes
  std::string record;    // as the function gets it, in JSON
  std::string event_id;
  std::string shard;
  std::int64_t at = 0;     // in seconds since the epoch
  std::uint64_t item = 0;  // the same for changes of one item
};

struct ChangePage {
  std::vector<Change> changes;
  /// Some before these could not be read any more: they are older than the stream keeps.
  bool has_gap = false;
};

/// Who reads: a function's role, in the name of Lambda.
struct ChangeReader {
  std::string stream;  // an ARN
  std::string role;    // an ARN
  std::string source_arn;
};

class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  /// At once what there is, at most so many, after the change with a number; empty: from the
  /// oldest. Throws the errors of DynamoDB Streams.
  virtual runtime::Task<ChangePage> read(ChangeReader reader, std::string after, int most) = 0;
};

}  // namespace matinee::services
