// What the parts of a poller of changes have in common: change_poller.cpp reads and deals out,
// change_batches.cpp calls.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "runtime/channel.h"
#include "services/lambda/running/change_poller.h"

namespace matinee::lambda {

struct ChangePoller::State {
  State(ChangePollerHost the_host, ChangePollerSettings the_settings, ChangeProgress the_progress)
      : host(std::move(the_host)),
        settings(std::move(the_settings)),
        progress(std::move(the_progress)) {}

  ChangePollerHost host;
  ChangePollerSettings settings;
  /// The window runs ahead of what is kept while a batch is under way.
  ChangeProgress progress;

  Changes gathered;  // read, and not worked off yet: of one shard
  std::size_t gathered_bytes = 0;
  Changes ahead;  // of the shard after it
  std::optional<runtime::Time> gathering_until;

  bool is_stopped = false;
  bool is_ready = false;  // there is more to read
  runtime::Event changed;
  std::uint64_t wakes = 0;
  std::shared_ptr<void> watch;

  // For those who ask.
  std::uint32_t failures = 0;
  std::string failing_from;
  std::string last_failure;
  std::string trouble;
  bool is_held_up = false;

  runtime::Time now() const { return host.runtime.clock.now(); }

  /// Nothing of a poller that was stopped: the service may be gone.
  void count(std::uint64_t MappingCounts::* what, std::size_t events) {
    if (is_stopped || events == 0) return;
    if (MappingCounts* counts = host.counts()) counts->*what += events;
  }
  void keep(const std::string& sequence) {
    if (is_stopped) return;
    progress.after = sequence;
    host.keep(progress);
  }
};

/// Doubles with each call, from a second to a minute.
runtime::Duration wait_after(std::uint32_t calls);

}  // namespace matinee::lambda
