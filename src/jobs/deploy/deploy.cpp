#include "jobs/deploy/deploy.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloudformation/errors.h"
#include "runtime/later_clock.h"
#include "runtime/movable_clock.h"
#include "templates/template_error.h"

namespace matinee::jobs::deploy {

namespace {

/// AWS: of a template in the request itself.
constexpr std::size_t most_body_bytes = 51200;
/// AWS: of a template in a bucket.
constexpr std::size_t most_template_bytes = std::size_t{1} << 20;
constexpr std::size_t longest_stack_name = 128;

using Kind = ResourceChange::Kind;
using Replacement = ResourceChange::Replacement;

Kind kind_of(std::string_view action) {
  if (action == "Add") return Kind::add;
  if (action == "Remove") return Kind::remove;
  if (action == "Import") return Kind::import;
  return Kind::modify;
}

Replacement replacement_of(std::string_view text) {
  if (text == "True") return Replacement::yes;
  if (text == "Conditional") return Replacement::perhaps;
  return Replacement::no;
}

ResourceChange to_change(const cloudformation::ResourceChange& change) {
  ResourceChange result{.kind = kind_of(change.action.value_or("")),
                        .name = change.logical_resource_id.value_or(""),
                        .type = change.resource_type.value_or(""),
                        .id = change.physical_resource_id.value_or(""),
                        .replacement = replacement_of(change.replacement.value_or("")),
                        .causes = {}};
  if (!change.details) return result;
  for (const cloudformation::ResourceChangeDetail& detail : *change.details) {
    if (!detail.target) continue;
    const std::string cause = detail.target->name.value_or(detail.target->attribute.value_or(""));
    if (!cause.empty() && std::ranges::find(result.causes, cause) == result.causes.end())
      result.causes.push_back(cause);
  }
  return result;
}

bool says_unchanged(std::string_view reason) {
  return reason.contains("didn't contain changes") || reason.contains("No updates are to be");
}

std::string fault_text(const std::vector<PackageFault>& faults) {
  std::string text;
  for (const PackageFault& fault : faults)
    text += fmt::format("{}{}:{}: {}", text.empty() ? "" : "\n", fault.file, fault.place.line,
                        fault.message);
  return text;
}

class Deployment {
 public:
  Deployment(DeployOptions options, DeploySurroundings surroundings)
      : options_(std::move(options)),
        around_(surroundings),
        client_(surroundings.channel),
        s3_(surroundings.channel),
        clock_(runtime::real_clock(surroundings.runtime.clock)),
        reader_(client_, clock_, options_.pace) {
    summary_.stack = options_.stack;
  }

  runtime::Task<DeploySummary> run() {
    const runtime::Time started = clock_.now();
    LocalTemplate local = read();
    declared_ = names_of_parameters(local.root);
    co_await look_at_stack();
    co_await package_and_upload(std::move(local));
    co_await create_change_set();
    if (co_await is_unchanged()) {
      summary_.result = DeploySummary::Result::unchanged;
      co_await finish();
    } else {
      around_.listener.changes(summary_.changes);
      if (options_.execute) {
        co_await execute();
      } else {
        summary_.result = DeploySummary::Result::planned;
      }
    }
    summary_.seconds = std::chrono::duration<double>(clock_.now() - started).count();
    co_return std::move(summary_);
  }

 private:
  DeployOptions options_;
  DeploySurroundings around_;
  cloudformation::Client client_;
  s3::Client s3_;
  runtime::Clock& clock_;
  StackReader reader_;
  DeploySummary summary_;
  std::set<std::string> declared_;  // parameters of the template
  std::optional<cloudformation::Stack> before_;
  cloudformation::CreateChangeSetRequest request_;

  bool is_new() const { return !before_ || before_->stack_status == "REVIEW_IN_PROGRESS"; }

  LocalTemplate read() const {
    try {
      return read_local_template(around_.runtime.disk, options_.template_path);
    } catch (const templates::TemplateError& error) {
      throw TemplateFaults(
          fmt::format("{}:{}: {}", options_.template_path, error.place.line, error.message));
    }
  }

  static std::set<std::string> names_of_parameters(const templates::Value& root) {
    std::set<std::string> names;
    if (const templates::Value* parameters = root.find("Parameters"))
      for (const templates::Member& parameter : parameters->members()) names.insert(parameter.name);
    return names;
  }

  runtime::Task<> look_at_stack() {
    before_ = co_await reader_.find(options_.stack);
    if (is_new()) co_return;
    const std::string status = before_->stack_status;
    if (!is_at_rest(status))
      throw JobError(
          fmt::format("The stack {} is {}; wait until that is over.", options_.stack, status));
    if (status == "UPDATE_ROLLBACK_FAILED")
      throw JobError(
          fmt::format("The stack {} is {}: `aws cloudformation continue-update-rollback` has to "
                      "bring it back first.",
                      options_.stack, status));
    if (status != "ROLLBACK_COMPLETE" && status != "ROLLBACK_FAILED" && status != "DELETE_FAILED")
      co_return;
    // Who only looks at what would change removes nothing.
    if (status != "ROLLBACK_COMPLETE" || !options_.execute)
      throw JobError(fmt::format("The stack {} is {}: `matinee destroy {}` has to remove it first.",
                                 options_.stack, status, options_.stack));
    co_await remove_remains();
  }

  /// A stack whose creation was rolled back is good for nothing, and has nothing in it.
  runtime::Task<> remove_remains() {
    const std::string id = before_->stack_id.value_or(options_.stack);
    co_await client_.delete_stack({.stack_name = id});
    Pause pause(clock_, options_.pace);
    while (co_await reader_.find(options_.stack)) co_await pause.wait();
    around_.listener.note(
        fmt::format("Removed the stack {}, whose creation had been rolled back.", options_.stack));
    before_.reset();
  }

  runtime::Task<> package_and_upload(LocalTemplate local) {
    const Destination destination =
        co_await find_destination(sts::Client(around_.channel), options_.bucket, options_.region);
    Package package =
        package_template({around_.runtime.disk, around_.folders}, destination, std::move(local));
    if (!package.faults.empty()) throw TemplateFaults(fault_text(package.faults));
    for (const std::string& remark : package.remarks) around_.listener.warn(remark);
    if (package.text.size() > most_template_bytes)
      throw JobError(fmt::format("The template has {} bytes, and CloudFormation takes {}.",
                                 grouped(package.text.size()), grouped(most_template_bytes)));
    if (package.text.size() > most_body_bytes) {
      Artifact artifact =
          make_artifact(destination, std::move(package.text), ".template", "the template");
      request_.template_url = object_url(destination, artifact.key);
      package.artifacts.push_back(std::move(artifact));
    } else {
      request_.template_body = std::move(package.text);
    }
    co_await upload({s3_, destination, options_.bucket.create}, package.artifacts,
                    around_.listener);
  }

  void add_parameters() {
    auto& parameters = request_.parameters.emplace();
    for (const auto& [name, value] : options_.parameters)
      parameters.push_back({.parameter_key = name, .parameter_value = value});
    if (is_new() || !before_->parameters) return;
    for (const cloudformation::Parameter& parameter : *before_->parameters) {
      const std::string name = parameter.parameter_key.value_or("");
      if (declared_.contains(name) && !options_.parameters.contains(name))
        parameters.push_back({.parameter_key = name, .use_previous_value = true});
    }
  }

  runtime::Task<> create_change_set() {
    request_.stack_name = options_.stack;
    request_.change_set_name =
        fmt::format("matinee-{}", runtime::to_milliseconds(runtime::wall_time(clock_)));
    request_.change_set_type = is_new() ? "CREATE" : "UPDATE";
    if (!options_.capabilities.empty()) request_.capabilities = options_.capabilities;
    if (!options_.role_arn.empty()) request_.role_arn = options_.role_arn;
    for (const auto& [name, value] : options_.tags) {
      if (!request_.tags) request_.tags.emplace();
      request_.tags->push_back({.key = name, .value = value});
    }
    add_parameters();
    const auto response = co_await client_.create_change_set(request_);
    summary_.change_set = response.id.value_or("");
    summary_.stack_id = response.stack_id.value_or("");
  }

  /// Waits until the change set is there, and notes what it changes. Throws where it cannot be
  /// made.
  runtime::Task<bool> is_unchanged() {
    Pause pause(clock_, options_.pace);
    auto described = co_await describe_change_set("");
    while (described.status == "CREATE_PENDING" || described.status == "CREATE_IN_PROGRESS") {
      co_await pause.wait();
      described = co_await describe_change_set("");
    }
    if (described.status == "FAILED") {
      const std::string reason = described.status_reason.value_or("");
      co_await forget_change_set();
      if (says_unchanged(reason)) co_return true;
      throw JobError(fmt::format("The changes could not be planned: {}", reason));
    }
    for (;;) {
      for (const auto& change : described.changes.value_or(std::vector<cloudformation::Change>()))
        if (change.resource_change) summary_.changes.push_back(to_change(*change.resource_change));
      if (!described.next_token || described.next_token->empty()) co_return false;
      described = co_await describe_change_set(*described.next_token);
    }
  }

  runtime::Task<cloudformation::DescribeChangeSetResponse> describe_change_set(
      std::string next) const {
    cloudformation::DescribeChangeSetRequest request{.change_set_name = summary_.change_set};
    if (!next.empty()) request.next_token = std::move(next);
    co_return co_await client_.describe_change_set(std::move(request));
  }

  /// One that failed is of no use, nor is a stack that nothing has come of.
  runtime::Task<> forget_change_set() {
    co_await client_.delete_change_set({.change_set_name = summary_.change_set});
    summary_.change_set.clear();
    if (is_new()) co_await client_.delete_stack({.stack_name = summary_.stack_id});
  }

  runtime::Task<> execute() {
    const std::string since = co_await reader_.newest_event(summary_.stack_id);
    cloudformation::ExecuteChangeSetRequest request{.change_set_name = summary_.change_set};
    if (options_.disable_rollback) request.disable_rollback = true;
    co_await client_.execute_change_set(std::move(request));
    const std::vector<StackEvent> events =
        co_await reader_.follow(summary_.stack_id, since, around_.listener);
    summary_.change_set.clear();
    co_await finish();
    if (is_as_wanted(summary_.status)) co_return;
    summary_.result = DeploySummary::Result::failed;
    summary_.failure = co_await reader_.find_cause(events);
  }

  runtime::Task<> finish() {
    const auto stack = co_await reader_.find(summary_.stack_id);
    if (!stack) co_return;
    summary_.status = stack->stack_status;
    summary_.outputs = outputs_of(*stack);
  }
};

}  // namespace

std::string find_option_fault(const DeployOptions& options) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_good = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  const std::string& name = options.stack;
  if (name.empty() || name.size() > longest_stack_name || !is_letter(name.front()) ||
      !std::ranges::all_of(name, is_good))
    return fmt::format(
        "--stack must begin with a letter and have letters, digits and \"-\", at most 128 "
        "characters, and \"{}\" has not.",
        shortened(name));
  return "";
}

runtime::Task<DeploySummary> deploy(DeployOptions options, DeploySurroundings surroundings) {
  Deployment deployment(std::move(options), surroundings);
  co_return co_await deployment.run();
}

}  // namespace matinee::jobs::deploy
