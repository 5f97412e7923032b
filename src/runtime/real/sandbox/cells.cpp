#include "runtime/real/sandbox/cells.h"

#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/assertion.h"
#include "runtime/log.h"
#include "runtime/real/sandbox/launcher.h"

namespace matinee::runtime {
namespace {

constexpr Duration usual_look = std::chrono::milliseconds(50);
constexpr Duration close_look = std::chrono::milliseconds(5);
constexpr Duration longest_wait = std::chrono::milliseconds(500);
constexpr std::chrono::seconds patience(10);

}  // namespace

Cells::Cells(Loop& loop, bool locked_in)
    : loop_(loop),
      locked_in_(locked_in),
      events_(std::make_shared<Events>(*this)),
      key_(thread_.add(events_)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  expect(static_cast<bool>(timer_), "the system gives a timer");
  thread_.watch(timer_.get(), key_, timer_token);
}

Cells::~Cells() {
  events_->forget();
  thread_.remove(key_);
  for (const std::shared_ptr<Cell>& cell : all()) cell->abandon();
  launcher_.reset();
  if (launcher_process_ > 0) ::waitpid(launcher_process_, nullptr, 0);
  for (const std::shared_ptr<Cell>& cell : all()) cell->wait_until_gone();
}

std::expected<void, std::string> Cells::begin(const std::string& root) {
  const std::lock_guard lock(mutex_);
  if (launcher_) return {};
  std::expected<StartedLauncher, std::string> started = start_launcher();
  if (!started) return std::unexpected(std::move(started.error()));
  launcher_ = std::make_shared<OwnedDescriptor>(std::move(started->socket));
  launcher_process_ = started->process_id;
  Packet(PacketKind::hello)
      .add(locked_in_ ? 1 : 0)
      .add(std::string_view(root))
      .send(launcher_->get(), true);
  thread_.watch(launcher_->get(), key_, launcher_token);
  if (!groups_ && refused_groups_.empty()) groups_ = ControlGroups::find(refused_groups_);
  return {};
}

void Cells::when_known(Callback then) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_known_) {
      waiting_.push_back(std::move(then));
      return;
    }
  }
  then();
}

bool Cells::wait_until_known() {
  std::unique_lock lock(mutex_);
  return known_.wait_for(lock, patience, [this] { return is_known_; });
}

std::string Cells::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

int Cells::launcher() const {
  const std::lock_guard lock(mutex_);
  return launcher_process_;
}

std::size_t Cells::count() const {
  const std::lock_guard lock(mutex_);
  return cells_.size();
}

std::shared_ptr<Cell> Cells::create() {
  const std::lock_guard lock(mutex_);
  auto cell = std::make_shared<Cell>(loop_, thread_, ++last_id_);
  cells_.emplace(cell->id(), cell);
  cell->watch();
  return cell;
}

void Cells::make(Cell& cell, const CellPlan& plan, const GroupLimits& limits) {
  Packet packet(PacketKind::make);
  plan.write(packet);
  packet.add_descriptor(cell.other_end());
  std::unique_ptr<ControlGroup> group;
  if (groups_) group = groups_->make(cell.id(), limits);
  if (group) packet.add_descriptor(group->descriptor());
  cell.take_group(std::move(group));
  std::shared_ptr<OwnedDescriptor> launcher;
  {
    const std::lock_guard lock(mutex_);
    launcher = launcher_;
  }
  const bool was_sent = launcher && packet.send(launcher->get(), true);
  cell.close_other_end();
  if (!was_sent) cell.fail("The helper that starts functions has ended.");
  look();
}

void Cells::look() {
  if (!is_looking_.exchange(true)) set_timer(usual_look);
}

void Cells::set_timer(Duration after) {
  itimerspec time{};
  time.it_value.tv_nsec = std::chrono::nanoseconds(after).count();
  ::timerfd_settime(timer_.get(), 0, &time, nullptr);
}

std::shared_ptr<Cell> Cells::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = cells_.find(id);
  return found == cells_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Cell>> Cells::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Cell>> cells;
  for (const auto& [id, cell] : cells_) cells.push_back(cell);
  return cells;
}

void Cells::Events::on_ready(unsigned token) {
  const std::lock_guard lock(mutex_);
  if (cells_ == nullptr) return;
  if (token == timer_token)
    cells_->look_at_all();
  else
    cells_->read_launcher();
}

void Cells::Events::forget() {
  const std::lock_guard lock(mutex_);
  cells_ = nullptr;
}

void Cells::read_launcher() {
  std::shared_ptr<OwnedDescriptor> launcher;
  {
    const std::lock_guard lock(mutex_);
    launcher = launcher_;
  }
  if (!launcher) return;
  errno = 0;
  if (std::optional<PacketReader> packet = PacketReader::receive(launcher->get(), false))
    take_packet(*packet);
  else if (errno != EAGAIN)
    return on_launcher_end();
  thread_.watch_again(launcher->get(), key_, launcher_token);
}

void Cells::take_packet(PacketReader& packet) {
  if (packet.kind() == PacketKind::able) return take_abilities(packet);
  const std::shared_ptr<Cell> cell = find(packet.number());
  if (packet.kind() == PacketKind::made) {
    const int process = static_cast<int>(packet.number());
    if (cell) cell->take_process(process, packet.descriptor(), method_ != CellMethod::processes);
  } else if (cell) {
    cell->fail("The sandbox cannot be made here: " + packet.text() + ".");
  }
}

void Cells::take_abilities(PacketReader& packet) {
  {
    const std::lock_guard lock(mutex_);
    method_ = static_cast<CellMethod>(packet.number());
    refused_ = packet.text();
  }
  know();
}

void Cells::know() {
  const std::lock_guard lock(mutex_);
  is_known_ = true;
  known_.notify_all();
  for (Callback& callback : waiting_) loop_.post(std::move(callback));
  waiting_.clear();
}

void Cells::on_launcher_end() {
  {
    const std::lock_guard lock(mutex_);
    launcher_.reset();
    ::waitpid(launcher_process_, nullptr, 0);
    launcher_process_ = 0;
  }
  spdlog::warn("The helper that starts functions has ended, and all that it had started with it.");
  for (const std::shared_ptr<Cell>& cell : all())
    if (!cell->waits_to_be_made()) cell->on_launcher_end();
  // Whoever waits to hear what it can do goes on, and fails where the next one cannot do it either.
  know();
}

/// Often while somebody is near a limit or being killed, now and then while somebody is busy, and
/// not at all otherwise.
void Cells::look_at_all() {
  std::uint64_t times = 0;
  [[maybe_unused]] const ssize_t got = ::read(timer_.get(), &times, sizeof(times));
  is_looking_ = false;
  const Duration began = loop_.elapsed();
  bool is_busy = false;
  bool is_near = false;
  for (const std::shared_ptr<Cell>& cell : all()) {
    if (!cell->is_busy() || cell->is_gone()) continue;
    is_busy = true;
    if (cell->look_at_memory()) is_near = true;
  }
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(cells_, [](const auto& cell) {
      return cell.second->is_gone() && cell.second.use_count() == 1;
    });
  }
  thread_.watch_again(timer_.get(), key_, timer_token);
  if (!is_busy || is_looking_.exchange(true)) return;
  // Where there are thousands of processes looking must not be all that the thread does.
  constexpr int share = 4;
  const Duration took = loop_.elapsed() - began;
  set_timer(std::clamp(share * took, is_near ? close_look : usual_look, longest_wait));
}

}  // namespace matinee::runtime
