// All cells of a server, and the launcher that makes them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/loop.h"
#include "runtime/real/sandbox/cell.h"
#include "runtime/real/sandbox/cell_plan.h"
#include "runtime/real/sandbox/control_groups.h"
#include "runtime/real/sandbox/event_thread.h"

namespace matinee::runtime {

/// State thread, except for what `Watched` is told.
class Cells {
 public:
  /// `locked_in`: as far as this machine allows it.
  Cells(Loop& loop, bool locked_in);
  /// Ends all cells and the launcher, and waits until they are gone.
  ~Cells();
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;

  /// Starts a launcher, if there is none. `root` is an empty folder. The error is a sentence.
  std::expected<void, std::string> begin(const std::string& root);
  /// Calls back once it is known how cells are made, which may be at once; after `begin`.
  void when_known(Callback then);
  /// Waits for that, and says whether it is known.
  bool wait_until_known();
  CellMethod method() const { return method_; }
  /// What the machine has refused where cells are not locked in.
  std::string refused() const;
  const ControlGroups* groups() const { return groups_.get(); }
  const std::string& refused_groups() const { return refused_groups_; }
  int launcher() const;
  std::size_t count() const;

  std::shared_ptr<Cell> create();
  void make(Cell& cell, const CellPlan& plan, const GroupLimits& limits);
  /// From now on cells that are busy are looked at.
  void look();

 private:
  /// Socket and timer are watched by this, which may outlive the cells for a moment.
  class Events final : public Watched {
   public:
    explicit Events(Cells& cells) : cells_(&cells) {}
    void on_ready(unsigned token) override;
    void forget();

   private:
    std::mutex mutex_;
    Cells* cells_;
  };
  static constexpr unsigned launcher_token = 0;
  static constexpr unsigned timer_token = 1;

  Loop& loop_;
  bool locked_in_;
  EventThread thread_;
  std::shared_ptr<Events> events_;
  EventThread::Key key_;
  OwnedDescriptor timer_;
  std::unique_ptr<ControlGroups> groups_;
  std::string refused_groups_;
  std::atomic<bool> is_looking_ = false;
  std::uint64_t last_id_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable known_;
  /// Shared with who sends at the moment: that may take as long as the launcher's own answers do.
  std::shared_ptr<OwnedDescriptor> launcher_;
  int launcher_process_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Cell>> cells_;
  bool is_known_ = false;
  std::atomic<CellMethod> method_ = CellMethod::processes;
  std::string refused_;
  std::vector<Callback> waiting_;

  std::shared_ptr<Cell> find(std::uint64_t id) const;
  std::vector<std::shared_ptr<Cell>> all() const;
  void read_launcher();
  void take_packet(PacketReader& packet);
  void take_abilities(PacketReader& packet);
  void on_launcher_end();
  void know();
  void look_at_all();
  void set_timer(Duration after);
};

}  // namespace matinee::runtime
