// `matinee destroy`: a stack and what is in it goes.
#pragma once

#include "jobs/deploy/deploy.h"

namespace matinee::jobs::deploy {

struct DestroyOptions {
  std::string stack;
  std::vector<std::string> retain;  // logical ids that stay where removing them has failed before
  /// CloudFormation removes empty buckets only. Where it fails for that, all objects of these
  /// buckets are removed, with all their versions, and the stack is removed once more. Buckets that
  /// stay keep theirs, and so do all where the stack may not be removed.
  bool empty_buckets = false;
  Pace pace;
};

struct DestroySummary {
  std::string stack;
  std::string status;  // "DELETE_COMPLETE" where it is gone
  std::optional<Failure> failure;
  std::uint64_t objects = 0;  // that were removed
  double seconds = 0;

  bool succeeded() const { return status == "DELETE_COMPLETE"; }
};

/// Throws JobError (there is no such stack, it is protected), protocol::ServiceError.
runtime::Task<DestroySummary> destroy(DestroyOptions options, DeploySurroundings surroundings);

}  // namespace matinee::jobs::deploy
