// Reads the streams of all tables while they are written to: from the first shard to the last, with
// iterators that are kept, or made anew after the last number that was read.
#pragma once

#include "observed.h"

namespace matinee::simulation::tables {

class Consumer {
 public:
  explicit Consumer(runtime::SeededRandom& dice) : dice_(dice) {}

  /// Reads some records of each stream, or all that there are. Adds a failure where one is missing
  /// or comes twice, by what can be read from the beginning.
  void read(TablesMachine& machine, bool to_the_end);

 private:
  struct Progress {
    std::string shard;
    std::string iterator;  // empty: to be made
    std::string last;      // the number that was read last
    std::vector<std::string> numbers;
    bool skips = false;  // what it has read already
  };

  runtime::SeededRandom& dice_;
  std::map<std::string, Progress> streams_;

  void read_one(TablesMachine& machine, const std::string& arn, bool to_the_end);
  /// False where there is nothing more for now.
  bool read_page(TablesMachine& machine, const std::string& arn, Progress& progress);
  static bool begin_again(TablesMachine& machine, const std::string& arn, Progress& progress);
  static bool go_on(TablesMachine& machine, const std::string& arn, Progress& progress);
  static bool go_to_next_shard(TablesMachine& machine, const std::string& arn, Progress& progress);
};

}  // namespace matinee::simulation::tables
