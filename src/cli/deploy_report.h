// What deploying and removing a stack shows: its changes as a table, what happens as it happens,
// and a summary.
#pragma once

#include <set>

#include "cli/status_line.h"
#include "jobs/deploy/deploy.h"
#include "jobs/deploy/destroy.h"

namespace matinee::cli {

/// A line for each resource, those that are removed and replaced with what that means.
std::string changes_text(const std::vector<jobs::deploy::ResourceChange>& changes);

/// One line: what has become of a resource, and why it has failed. `width`: of names.
std::string event_line(const jobs::deploy::StackEvent& event, std::size_t width);

std::string to_text(const jobs::deploy::DeploySummary& summary);
std::string to_json(const jobs::deploy::DeploySummary& summary);
std::string to_text(const jobs::deploy::DestroySummary& summary);
std::string to_json(const jobs::deploy::DestroySummary& summary);

/// Names to the left, values to the right, each whole.
std::string outputs_text(const std::vector<jobs::deploy::StackOutput>& outputs);

/// Tells a terminal: what has ended as lines, what goes on as one that redraws itself.
class StackProgress final : public jobs::deploy::StackListener {
 public:
  /// Whether what will change, and what has become of it, is shown resource by resource; failures
  /// always are.
  enum class Table : std::uint8_t { shown, left_out };

  /// `quiet` shows sentences only.
  StackProgress(runtime::Terminal& terminal, const runtime::Clock& clock, bool quiet,
                Table table = Table::shown)
      : terminal_(terminal),
        line_(terminal, clock, quiet),
        quiet_(quiet),
        shows_table_(table == Table::shown) {}

  void note(const std::string& sentence) override { line_.note(sentence); }
  void warn(const std::string& sentence) override { line_.warn(sentence); }
  void changes(const std::vector<jobs::deploy::ResourceChange>& changes) override;
  void event(const jobs::deploy::StackEvent& event) override;

 private:
  runtime::Terminal& terminal_;
  StatusLine line_;
  bool quiet_;
  bool shows_table_;
  std::size_t expected_ = 0;  // resources that change
  std::size_t width_ = 20;    // of names
  std::set<std::string> finished_;
  std::set<std::string> going_on_;

  void show();
};

}  // namespace matinee::cli
