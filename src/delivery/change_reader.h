// Streams of tables as event sources of functions read them: by the typed client, in process.
#pragma once

#include "delivery/targets/in_process.h"
#include "runtime/runtime.h"
#include "services/change_source.h"

namespace matinee::delivery {

class ChangeReader final : public services::ChangeSource {
 public:
  /// All must outlive it.
  ChangeReader(services::Endpoint& endpoint, runtime::Runtime& runtime,
               const identity::Directory& directory)
      : endpoint_(endpoint), runtime_(runtime), directory_(&directory) {}

  runtime::Task<services::ChangePage> read(services::ChangeReader reader, std::string after,
                                           services::ChangeLimits limits) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Runtime& runtime_;
  const identity::Directory* directory_;
};

}  // namespace matinee::delivery
