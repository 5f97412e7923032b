// Writes and reads objects for services that keep something in S3, or are given something there: by
// the typed client, in process.
#pragma once

#include "runtime/random.h"
#include "services/bucket_files.h"
#include "services/endpoint.h"
#include "services/object_reader.h"
#include "services/object_writer.h"

namespace matinee::delivery {

class Buckets final : public services::ObjectWriter,
                      public services::ObjectReader,
                      public services::BucketFiles {
 public:
  /// Both must outlive it.
  Buckets(services::Endpoint& endpoint, runtime::Random& random)
      : endpoint_(endpoint), random_(random) {}

  runtime::Task<> write(services::ObjectToWrite object) override;
  runtime::Task<std::string> read(services::Context caller, services::ObjectToRead object) override;

  runtime::Task<std::vector<services::BucketFile>> list(services::Context caller,
                                                        services::BucketPlace place) override;
  runtime::Task<services::ReadPart> read(services::Context caller,
                                         services::FilePart part) override;
  runtime::Task<std::string> write(services::Context caller, services::FileToWrite file) override;

 private:
  services::Endpoint& endpoint_;
  runtime::Random& random_;
};

}  // namespace matinee::delivery
