// All operations on stacks that run: started when a request has been stored, and gone on with after
// a restart.
#pragma once

#include <map>
#include <memory>

#include "services/cloudformation/running/run.h"
#include "services/reset.h"

namespace matinee::cloudformation {

/// State thread only. What it destroys at its end goes on with the next start.
class Runner {
 public:
  explicit Runner(RunParts parts);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Begins, in the loop's next round, with what the table of operations says. Does nothing for a
  /// stack that is worked on already.
  void start(const StackKey& key);
  /// With all that are in the table.
  void resume_all();
  /// The forward phase begins nothing more, and who waits for long stops.
  void halt(const StackKey& key);
  /// Forgets them, whatever they do: their records are gone.
  void drop(const services::ResetScope& scope);

 private:
  struct Running;

  const RunParts parts_;
  std::map<StackKey, std::unique_ptr<Running>> running_;
  /// What is posted to the loop asks whether this still lives.
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  void begin(const StackKey& key);
  void ended(const StackKey& key, std::exception_ptr error);
  void start_later(const StackKey& key);
};

}  // namespace matinee::cloudformation
