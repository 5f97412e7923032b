#include "services/lambda/running/ready_code.h"

#include <algorithm>

#include "runtime/log.h"

namespace matinee::lambda {

ReadyCode::~ReadyCode() {
  *lives_ = false;
  clock().cancel(timer_);
}

void ReadyCode::prepare(const std::string& package) {
  const auto known = std::ranges::find(kept_, package, &Kept::package);
  if (known != kept_.end()) {
    Kept again = std::move(*known);
    kept_.erase(known);
    again.since = clock().now();
    kept_.push_back(std::move(again));
    return;
  }
  runtime::ReadArchive read;
  try {
    read = machine_.read_package(package);
  } catch (const std::exception& failure) {
    spdlog::warn("The code of a function cannot be read: {}", failure.what());
    return;
  }
  kept_.push_back({.package = package,
                   .folder = machine_.sandboxes.find_unpacked(package),
                   .since = clock().now()});
  if (kept_.size() > most_packages) kept_.pop_front();
  set_timer();
  if (kept_.back().folder) return;
  machine_.sandboxes.unpack(
      package, std::move(read),
      [this, lives = lives_,
       package](const std::expected<std::shared_ptr<runtime::CodeFolder>, std::string>& folder) {
        if (*lives) take(package, folder.value_or(nullptr));
      });
}

void ReadyCode::take(const std::string& package, std::shared_ptr<runtime::CodeFolder> folder) {
  const auto place = std::ranges::find(kept_, package, &Kept::package);
  if (place == kept_.end()) return;
  if (folder)
    place->folder = std::move(folder);
  else
    kept_.erase(place);
}

void ReadyCode::set_timer() {
  if (timer_ != runtime::TimerId::none || kept_.empty()) return;
  timer_ = clock().call_at(kept_.front().since + longest, [this] {
    timer_ = runtime::TimerId::none;
    drop_old();
    set_timer();
  });
}

void ReadyCode::drop_old() {
  const runtime::Time now = clock().now();
  while (!kept_.empty() && now - kept_.front().since >= longest) kept_.pop_front();
}

}  // namespace matinee::lambda
