// Writes and reads objects for services that keep something in S3, or are given something there: by
// the typed client, in process.
#pragma once

#include "runtime/random.h"
#include "services/endpoint.h"
#include "services/object_reader.h"
#include "services/object_writer.h"

namespace matinee::delivery {

class Buckets final : public services::ObjectWriter, public services::ObjectReader {
 public:
  /// Both must outlive it.
  Buckets(services::Endpoint& endpoint, runtime::Random& random)
      : endpoint_(endpoint), random_(random) {}

  runtime::Task<> write(services::ObjectToWrite object) override;
  runtime::Task<std::string> read(services::Context caller, services::ObjectToRead object) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
};

}  // namespace matinee::delivery
