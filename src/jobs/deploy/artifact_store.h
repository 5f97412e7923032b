// The bucket that code and templates are uploaded to.
#pragma once

#include "jobs/deploy/packager.h"
#include "jobs/deploy/stack.h"
#include "runtime/task.h"
#include "s3/client.h"
#include "sts/client.h"

namespace matinee::jobs::deploy {

struct BucketChoice {
  std::string name;     // empty: "matinee-artifacts-ACCOUNT-REGION"
  bool create = false;  // where it is missing
};

/// Where artifacts go, by the account that calls.
runtime::Task<Destination> find_destination(sts::Client sts, BucketChoice choice,
                                            std::string region);

struct ArtifactStore {
  s3::Client s3;
  Destination destination;
  bool create = false;  // the bucket, where it is missing
};

/// Uploads what is not there yet. Throws JobError where there is no such bucket, and it is not to
/// be made.
runtime::Task<> upload(ArtifactStore store, const std::vector<Artifact>& artifacts,
                       StackListener& listener);

}  // namespace matinee::jobs::deploy
