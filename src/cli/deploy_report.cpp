#include "cli/deploy_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "jobs/report.h"

namespace matinee::cli {

using jobs::JsonObject;
using jobs::deploy::DeploySummary;
using jobs::deploy::DestroySummary;
using jobs::deploy::Failure;
using jobs::deploy::ResourceChange;
using jobs::deploy::StackEvent;
using jobs::deploy::StackOutput;

namespace {

using Kind = ResourceChange::Kind;
using Replacement = ResourceChange::Replacement;

constexpr std::size_t longest_name = 40;

std::string_view mark_of(const ResourceChange& change) {
  switch (change.kind) {
    case Kind::add:
      return "+";
    case Kind::remove:
      return "-";
    case Kind::import:
      return "<";
    case Kind::modify:
      break;
  }
  return change.replacement == Replacement::no ? "~" : "!";
}

std::string_view action_of(const ResourceChange& change) {
  switch (change.kind) {
    case Kind::add:
      return "add";
    case Kind::remove:
      return "remove";
    case Kind::import:
      return "import";
    case Kind::modify:
      break;
  }
  if (change.replacement == Replacement::no) return "change";
  return change.replacement == Replacement::yes ? "replace" : "replace?";
}

std::size_t name_width(const std::vector<ResourceChange>& changes) {
  std::size_t width = 8;
  for (const ResourceChange& change : changes) width = std::max(width, change.name.size());
  return std::min(width, longest_name);
}

/// "3 to add, 1 to change, 1 to replace"
std::string counts_text(const std::vector<ResourceChange>& changes) {
  std::vector<std::string> parts;
  for (const std::string_view action :
       {"add", "import", "change", "replace", "replace?", "remove"}) {
    const auto count = std::ranges::count(changes, action, action_of);
    if (count == 0) continue;
    parts.push_back(action == "replace?" ? fmt::format("{} perhaps to replace", count)
                                         : fmt::format("{} to {}", count, action));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string seconds_text(double seconds) {
  return seconds < 10 ? fmt::format("{:.2f} s", seconds) : fmt::format("{:.0f} s", seconds);
}

std::string failure_text(const Failure& failure) {
  return fmt::format("{} ({}): {}\n", failure.name, failure.type,
                     failure.reason.empty() ? "no reason is given" : failure.reason);
}

JsonObject to_object(const Failure& failure) {
  JsonObject json;
  json.add("resource", failure.name);
  json.add("type", failure.type);
  json.add("reason", failure.reason);
  return json;
}

std::string array_text(const std::vector<JsonObject>& objects) {
  std::string text = "[";
  for (JsonObject object : objects) {
    if (text.size() > 1) text += ',';
    std::string one = object.take();
    one.pop_back();  // the newline
    text += one;
  }
  return text + "]";
}

std::string changes_json(const std::vector<ResourceChange>& changes) {
  std::vector<JsonObject> objects;
  for (const ResourceChange& change : changes) {
    JsonObject& json = objects.emplace_back();
    json.add("action", std::string(action_of(change)));
    json.add("resource", change.name);
    json.add("type", change.type);
    json.add("causes", change.causes);
  }
  return array_text(objects);
}

std::string_view result_of(const DeploySummary& summary) {
  switch (summary.result) {
    case DeploySummary::Result::deployed:
      return "deployed";
    case DeploySummary::Result::unchanged:
      return "unchanged";
    case DeploySummary::Result::planned:
      return "planned";
    case DeploySummary::Result::failed:
      return "failed";
  }
  return "";
}

/// "CREATE_COMPLETE" as "created", for resources.
std::string_view word_of(std::string_view status) {
  struct Word {
    std::string_view status;
    std::string_view word;
  };
  constexpr std::array<Word, 11> words{{{"CREATE_COMPLETE", "created"},
                                        {"UPDATE_COMPLETE", "changed"},
                                        {"DELETE_COMPLETE", "removed"},
                                        {"DELETE_SKIPPED", "kept"},
                                        {"IMPORT_COMPLETE", "imported"},
                                        {"ROLLBACK_COMPLETE", "rolled back"},
                                        {"UPDATE_ROLLBACK_COMPLETE", "rolled back"},
                                        {"CREATE_FAILED", "FAILED"},
                                        {"UPDATE_FAILED", "FAILED"},
                                        {"DELETE_FAILED", "FAILED"},
                                        {"IMPORT_FAILED", "FAILED"}}};
  for (const auto& [known, word] : words)
    if (known == status) return word;
  return status;
}

}  // namespace

std::string changes_text(const std::vector<ResourceChange>& changes) {
  const std::size_t width = name_width(changes);
  std::string text;
  for (const ResourceChange& change : changes) {
    std::string line = fmt::format("  {} {:<8} {:<{}}  {}", mark_of(change), action_of(change),
                                   change.name, width, change.type);
    if (change.kind == Kind::modify && !change.causes.empty())
      line += fmt::format("  {}", fmt::join(change.causes, ", "));
    text += line + "\n";
  }
  return text + counts_text(changes) + "\n";
}

std::string event_line(const StackEvent& event, std::size_t width) {
  const auto second = std::chrono::floor<std::chrono::seconds>(event.time);
  std::string line = fmt::format("  {:%T}  {:<11}  {:<{}}  {}", second, word_of(event.status),
                                 event.name, width, event.type);
  if (!event.reason.empty() && (event.has_failed() || event.is_stack))
    line += fmt::format("\n            {}", event.reason);
  return line;
}

std::string outputs_text(const std::vector<StackOutput>& outputs) {
  std::size_t width = 0;
  for (const StackOutput& output : outputs) width = std::max(width, output.name.size());
  std::string text;
  for (const StackOutput& output : outputs)
    text += fmt::format("  {:<{}}  {}\n", output.name, width, output.value);
  return text;
}

std::string to_text(const DeploySummary& summary) {
  std::string text;
  switch (summary.result) {
    case DeploySummary::Result::deployed:
      text = fmt::format("Deployed {} ({}) in {}.\n", summary.stack, summary.status,
                         seconds_text(summary.seconds));
      break;
    case DeploySummary::Result::unchanged:
      text = fmt::format("{} is as the template says; nothing was changed.\n", summary.stack);
      break;
    case DeploySummary::Result::planned:
      return fmt::format(
          "Nothing was changed. To carry it out:\n"
          "  aws cloudformation execute-change-set --change-set-name {}\n",
          summary.change_set);
    case DeploySummary::Result::failed:
      return fmt::format("{} is {}, after {}. First to fail:\n  {}", summary.stack, summary.status,
                         seconds_text(summary.seconds),
                         summary.failure ? failure_text(*summary.failure)
                                         : std::string("no resource; see `matinee stacks`\n"));
  }
  if (!summary.outputs.empty()) text += "\nOutputs\n" + outputs_text(summary.outputs);
  return text;
}

std::string to_json(const DeploySummary& summary) {
  JsonObject outputs;
  for (const StackOutput& output : summary.outputs) outputs.add(output.name, output.value);
  JsonObject json;
  json.add("result", std::string(result_of(summary)));
  json.add("stack", summary.stack);
  json.add("stack_id", summary.stack_id);
  json.add("status", summary.status);
  if (!summary.change_set.empty()) json.add("change_set", summary.change_set);
  json.add_json("changes", changes_json(summary.changes));
  json.add("outputs", outputs);
  if (summary.failure) json.add("failure", to_object(*summary.failure));
  json.add("seconds", summary.seconds);
  return json.take();
}

std::string to_text(const DestroySummary& summary) {
  if (summary.succeeded())
    return fmt::format("Removed {} in {}.\n", summary.stack, seconds_text(summary.seconds));
  return fmt::format("{} is {}. First to fail:\n  {}", summary.stack, summary.status,
                     summary.failure ? failure_text(*summary.failure)
                                     : std::string("no resource; see `matinee stacks`\n"));
}

std::string to_json(const DestroySummary& summary) {
  JsonObject json;
  json.add("stack", summary.stack);
  json.add("status", summary.status);
  json.add("removed_objects", summary.objects);
  if (summary.failure) json.add("failure", to_object(*summary.failure));
  json.add("seconds", summary.seconds);
  return json.take();
}

void StackProgress::changes(const std::vector<ResourceChange>& changes) {
  expected_ = changes.size();
  width_ = name_width(changes);
  if (!quiet_ && shows_table_) terminal_.error(changes_text(changes));
}

void StackProgress::event(const StackEvent& event) {
  const bool is_news = !event.reason.empty() && event.reason != "User Initiated";
  if (event.is_stack && !event.is_over() && !is_news) return;
  if (event.is_over() || event.status == "DELETE_SKIPPED") {
    going_on_.erase(event.name);
    if (!event.is_stack) finished_.insert(event.name);
  } else if (!event.is_stack) {
    going_on_.insert(event.name);
  }
  const bool is_told =
      event.has_failed() ||
      (shows_table_ && (event.is_over() || event.status == "DELETE_SKIPPED" || event.is_stack));
  if (is_told && !quiet_) line_.note(event_line(event, width_));
  show();
}

void StackProgress::show() {
  if (going_on_.empty() || !line_.is_due(0)) return;
  const std::size_t total = std::max(expected_, finished_.size() + going_on_.size());
  const double share = static_cast<double>(finished_.size()) / static_cast<double>(total);
  std::string names = fmt::format("{}", fmt::join(going_on_, ", "));
  line_.show(0,
             bar_line("Working ", share,
                      fmt::format(" {} of {}  {}", finished_.size(), total, jobs::shortened(names)),
                      line_.screen()));
}

}  // namespace matinee::cli
