// Uploads and objects of many parts that were removed: nobody sees them any more, and their content
// is given back a few parts at a time, in rounds of the loop that follow. What a crash leaves is
// given back after the next start.
#pragma once

#include "runtime/channel.h"
#include "runtime/loop.h"
#include "services/s3/catalog/catalog.h"

namespace matinee::s3 {

class Remains {
 public:
  /// Goes on with what an earlier run has left. Catalog and loop must outlive it.
  Remains(Catalog& catalog, runtime::Loop& loop);
  ~Remains();
  Remains(const Remains&) = delete;
  Remains& operator=(const Remains&) = delete;

  /// Until nothing is left. Throws where the program ends before.
  runtime::Task<> wait();

 private:
  void start();
  void post_step();
  void step();
  /// False where nothing is left.
  bool remove_some();
  /// Both: true once all is removed.
  bool remove_parts(const RemainsRecord& record);
  bool release_content(std::uint64_t number);

  Catalog& catalog_;
  runtime::Loop& loop_;
  bool is_posted_ = false;
  runtime::TimerId timer_ = runtime::TimerId::none;
  runtime::Event changed_;
  /// Steps that are still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace matinee::s3
