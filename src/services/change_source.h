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
  /// Whether its table has a KMS key, so that nobody else keeps what it tells. Also where that is
  /// not known any more.
  virtual bool is_encrypted(const std::string& stream_arn) const = 0;
};

/// The stream of a table, open or not.
struct StreamState {
  std::string arn;
  std::string view_type;                   // "KEYS_ONLY"
  std::optional<runtime::Time> closed_at;  // when it was switched off
};

/// A change, as whoever looks for it is told of it.
struct FoundChange {
  std::string sequence;
  std::string event_id;
  std::string event_name;  // "INSERT"
  runtime::Time at;
  std::string before;  // the number of the change before it; empty for the first of all
};

/// Looks into streams for people who ask. State thread only.
class ChangeFinder {
 public:
  virtual ~ChangeFinder() = default;

  /// The newest of a table; nothing where it never had one, or the last is too old.
  virtual std::optional<StreamState> find_stream(const std::string& account,
                                                 const std::string& region,
                                                 const std::string& table) const = 0;
  /// The last change of an item that can be read, by its key as the journal writes it
  /// ("metropolis", "metropolis/1927"), or by its event id. Takes turns.
  virtual runtime::Task<std::optional<FoundChange>> find_change(std::string stream_arn,
                                                                std::string item) = 0;
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

/// How much to read. What is read last may go beyond the bytes.
struct ChangeLimits {
  std::size_t most = 1;   // changes
  std::size_t bytes = 1;  // of their records
};

class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  /// At once what there is of one shard, after the change with a number; empty: from the oldest.
  /// Throws the errors of DynamoDB Streams.
  virtual runtime::Task<ChangePage> read(ChangeReader reader, std::string after,
                                         ChangeLimits limits) = 0;
};

}  // namespace matinee::services
