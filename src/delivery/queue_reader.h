// Queues as event sources of functions read them: by the typed client, in process.
#pragma once

#include "delivery/targets/in_process.h"
#include "services/queue_source.h"

namespace matinee::delivery {

class QueueReader final : public services::QueueSource {
 public:
  /// All must outlive it.
  QueueReader(services::Endpoint& endpoint, runtime::Random& random,
              const identity::Directory& directory)
      : endpoint_(endpoint), random_(random), directory_(&directory) {}

  runtime::Task<std::vector<services::QueueMessage>> receive(services::QueueReader reader,
                                                             int most) override;
  runtime::Task<> remove(services::QueueReader reader, std::vector<std::string> receipts) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
  const identity::Directory* directory_;

  client::InProcessChannel channel_for(const services::QueueReader& reader,
                                       const services::Arn& queue);
};

}  // namespace matinee::delivery
