// `matinee stacks`: which stacks there are, and what is in one.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/deploy_options.h"
#include "cli/deploy_report.h"
#include "cli/insight_call.h"
#include "cli/option_values.h"
#include "client/json_text.h"
#include "jobs/report.h"
#include "runtime/movable_clock.h"

namespace matinee::cli {
namespace {

namespace cfn = cloudformation;

struct StacksCommand {
  std::string stack;
  bool all = false;
  std::string format = "text";
  CloudChoice cloud;
};

/// Everything about one stack; or a list of all.
struct StacksAnswer {
  std::vector<cfn::StackSummary> summaries;
  std::optional<cfn::Stack> stack;
  std::vector<cfn::StackResourceSummary> resources;
};

runtime::Task<StacksAnswer> list_all(cfn::Client client, bool with_deleted) {
  StacksAnswer answer;
  cfn::ListStacksRequest request;
  do {
    const auto page = co_await client.list_stacks(request);
    for (const auto& summary : page.stack_summaries.value_or(std::vector<cfn::StackSummary>()))
      if (with_deleted || summary.stack_status != "DELETE_COMPLETE")
        answer.summaries.push_back(summary);
    request.next_token = page.next_token;
  } while (request.next_token && !request.next_token->empty());
  co_return answer;
}

runtime::Task<StacksAnswer> look_at(cfn::Client client, runtime::Clock& clock, std::string name) {
  StacksAnswer answer;
  answer.stack = co_await jobs::deploy::StackReader(client, clock, {}).find(name);
  if (!answer.stack) throw jobs::JobError(fmt::format("There is no stack {}.", name));
  cfn::ListStackResourcesRequest request{.stack_name = name};
  do {
    const auto page = co_await client.list_stack_resources(request);
    for (const auto& resource :
         page.stack_resource_summaries.value_or(std::vector<cfn::StackResourceSummary>()))
      answer.resources.push_back(resource);
    request.next_token = page.next_token;
  } while (request.next_token && !request.next_token->empty());
  co_return answer;
}

std::string time_text(runtime::Time time) {
  return fmt::format("{:%F %T}", std::chrono::floor<std::chrono::seconds>(time));
}

std::string list_text(const std::vector<cfn::StackSummary>& summaries) {
  if (summaries.empty()) return "There are no stacks.\n";
  std::size_t width = 8;
  for (const auto& summary : summaries) width = std::max(width, summary.stack_name.size());
  std::string text;
  for (const auto& summary : summaries) {
    text += fmt::format("  {:<{}}  {:<20}  {}  {}", summary.stack_name, width, summary.stack_status,
                        time_text(summary.last_updated_time.value_or(summary.creation_time)),
                        jobs::shortened(summary.template_description.value_or("")));
    while (text.ends_with(' ')) text.pop_back();
    text += '\n';
    if (summary.stack_status_reason && !summary.stack_status_reason->empty())
      text += fmt::format("    {}\n", *summary.stack_status_reason);
  }
  return text;
}

std::string resources_text(const std::vector<cfn::StackResourceSummary>& resources) {
  std::size_t names = 8;
  std::size_t types = 8;
  for (const auto& resource : resources) {
    names = std::max(names, resource.logical_resource_id.size());
    types = std::max(types, resource.resource_type.size());
  }
  std::string text;
  for (const auto& resource : resources) {
    text += fmt::format("  {:<{}}  {:<{}}  {}", resource.logical_resource_id, names,
                        resource.resource_type, types, resource.physical_resource_id.value_or(""));
    while (text.ends_with(' ')) text.pop_back();
    text += '\n';
    if (!resource.resource_status.ends_with("_COMPLETE"))
      text += fmt::format("    {}  {}\n", resource.resource_status,
                          resource.resource_status_reason.value_or(""));
  }
  return text;
}

std::string stack_text(const StacksAnswer& answer) {
  const cfn::Stack& stack = *answer.stack;
  std::string text = fmt::format("{}  {}, {}\n", stack.stack_name, stack.stack_status,
                                 time_text(stack.last_updated_time.value_or(stack.creation_time)));
  if (stack.stack_status_reason && !stack.stack_status_reason->empty())
    text += fmt::format("  {}\n", *stack.stack_status_reason);
  text += fmt::format("\nResources\n{}", resources_text(answer.resources));
  if (const auto outputs = jobs::deploy::outputs_of(stack); !outputs.empty())
    text += "\nOutputs\n" + outputs_text(outputs);
  return text;
}

template <class Shape>
std::string json_lines(const std::vector<Shape>& values) {
  std::string text;
  for (const Shape& value : values) text += client::to_json(Shape::shape, &value) + "\n";
  return text;
}

int run_stacks(Surroundings& surroundings, StacksCommand& command) {
  const bool json = command.format == "json";
  return ask<StacksAnswer, cfn::Client>(
      surroundings, command.cloud,
      [&](const cfn::Client& client) {
        return command.stack.empty()
                   ? list_all(client, command.all)
                   : look_at(client, runtime::real_clock(surroundings.runtime.clock),
                             command.stack);
      },
      [&](const StacksAnswer& answer) {
        if (!answer.stack) {
          surroundings.terminal.out(json ? json_lines(answer.summaries)
                                         : list_text(answer.summaries));
        } else {
          surroundings.terminal.out(json ? client::to_json(cfn::Stack::shape, &*answer.stack) +
                                               "\n" + json_lines(answer.resources)
                                         : stack_text(answer));
        }
        return static_cast<int>(done);
      });
}

}  // namespace

void add_stacks(CLI::App& parent, Surroundings& surroundings, Command& command) {
  CLI::App* app = add_command(parent, "stacks", "List stacks, or what is in one");
  auto options = std::make_shared<StacksCommand>();
  app->add_option("STACK", options->stack, "Name or ARN of a stack: its resources and outputs");
  app->add_flag("--all", options->all, "Also those that were removed");
  take_one_of(*app->add_option("--format", options->format,
                               "For people, or an object a line as JSON, for programs")
                   ->capture_default_str(),
              {"text", "json"});
  add_cloud_options(*app, options->cloud);
  app->callback([&surroundings, &command, options] {
    command = [&surroundings, options] { return run_stacks(surroundings, *options); };
  });
}

}  // namespace matinee::cli
