// What functions get of the changes of a stream, and what their answers mean: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/change_source.h"

namespace matinee::lambda {

using Changes = std::vector<services::Change>;

/// The payload of a call, in bytes, as AWS limits it.
inline constexpr std::size_t most_event_bytes = std::size_t{6} << 20;
/// What a function may hand on from call to call, in bytes of JSON. With more its window is cut
/// short.
inline constexpr std::size_t most_state_bytes = std::size_t{1} << 20;

/// A tumbling window that is open: an interval of time, the changes of one shard that were made in
/// it, and what the function has made of them so far.
struct ChangeWindow {
  std::int64_t begin = 0;  // in seconds since the epoch; a multiple of the window's length
  std::int64_t end = 0;    // not part of it
  std::string shard;
  std::string state = "{}";  // an object in JSON
  // The changes that the state is made of; where there are none yet, the first that is to be.
  std::string first;
  std::string last;
  std::int64_t first_at = 0;
  std::int64_t last_at = 0;
  std::uint64_t count = 0;

  bool has(const services::Change& change) const {
    return change.shard == shard && change.at >= begin && change.at < end;
  }
  /// The function has done with it.
  void add(const services::Change& change);
};

/// Opens the window of a change; `length` in seconds.
ChangeWindow window_of(const services::Change& change, std::int64_t length);

enum class WindowCall : std::uint8_t {
  part,       // with changes
  end,        // the last call of a window: its state is final
  cut_short,  // the state has become too large; the window goes on with an empty one
};

/// `{"Records":[...]}`
std::string event_of(const Changes& batch);
/// The same with the members of tumbling windows.
std::string event_of(const Changes& batch, const ChangeWindow& window, WindowCall call,
                     std::string_view stream);

/// How an answer is read.
struct AnswerRules {
  bool reports_failures = false;  // ReportBatchItemFailures
  bool has_state = false;         // of a tumbling window
};

struct ChangeAnswer {
  /// How many changes from the front of the batch are done. The first one that is reported as
  /// failed ends them; 0 where the whole batch counts as failed, as it does where a window's answer
  /// has no "state" that is an object.
  std::size_t done = 0;
  std::string state;  // as it was written; empty where none is asked for
};

/// By AWS's rules. Numbers of a batch ascend.
ChangeAnswer read_answer(const std::string& answer, const Changes& batch, AnswerRules rules);

}  // namespace matinee::lambda
