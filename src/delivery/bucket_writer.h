// Writes objects for services that export to S3: by the typed client, in process.
#pragma once

#include "runtime/random.h"
#include "services/endpoint.h"
#include "services/object_writer.h"

namespace matinee::delivery {

class BucketWriter final : public services::ObjectWriter {
 public:
  /// Both must outlive it.
  BucketWriter(services::Endpoint& endpoint, runtime::Random& random)
      : endpoint_(endpoint), random_(random) {}

  runtime::Task<> write(services::ObjectToWrite object) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
};

}  // namespace matinee::delivery
