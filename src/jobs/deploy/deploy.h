// `matinee deploy`: a local template becomes a stack, by a change set that can be looked at first.
#pragma once

#include <map>

#include "client/channel.h"
#include "jobs/deploy/artifact_store.h"
#include "jobs/deploy/packager.h"
#include "jobs/deploy/stack_reader.h"
#include "jobs/report.h"
#include "runtime/runtime.h"

namespace matinee::jobs::deploy {

struct DeployOptions {
  std::string stack;
  std::string template_path;  // absolute
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::string> tags;
  std::vector<std::string> capabilities;
  std::string role_arn;  // of what CloudFormation makes resources as; empty for the caller
  BucketChoice bucket;
  bool execute = true;  // rather than only show what would change
  bool disable_rollback = false;
  std::string region;
  Pace pace;
};

/// What is wrong with the options, as a sentence; empty where nothing is.
std::string find_option_fault(const DeployOptions& options);

struct DeploySummary {
  enum class Result : std::uint8_t { deployed, unchanged, planned, failed };

  Result result = Result::deployed;
  std::string stack;
  std::string stack_id;
  std::string status;
  std::string change_set;  // where it waits to be executed
  std::vector<ResourceChange> changes;
  std::vector<StackOutput> outputs;
  std::optional<Failure> failure;
  double seconds = 0;

  bool succeeded() const { return result != Result::failed; }
};

/// The template or what it names is wrong; what() is a sentence for each fault, on lines of their
/// own.
class TemplateFaults : public JobError {
 public:
  using JobError::JobError;
};

/// Everything that the job needs besides its options. All must outlive it.
struct DeploySurroundings {
  client::Channel& channel;
  runtime::Runtime& runtime;
  const runtime::Folders& folders;
  StackListener& listener;
};

/// Throws JobError, protocol::ServiceError.
runtime::Task<DeploySummary> deploy(DeployOptions options, DeploySurroundings surroundings);

}  // namespace matinee::jobs::deploy
