#include "services/cloudformation/special/waiting_tasks.h"

#include "runtime/task_group.h"
#include "runtime/timer_purpose.h"

namespace matinee::cloudformation {

namespace {

constexpr runtime::TimerPurpose giving_up{.what = "CloudFormation stops waiting for an answer"};

/// Takes the entry away when its task ends, also by being destroyed.
template <class Map>
class Entry {
 public:
  Entry(Map& map, const std::string& name, typename Map::mapped_type value)
      : map_(map), place_(map.emplace(name, std::move(value))) {}
  ~Entry() { map_.erase(place_); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  Map& map_;
  typename Map::iterator place_;
};

class Timer {
 public:
  Timer(const WaitUntil& until, std::shared_ptr<runtime::Event> event) : clock_(until.clock) {
    if (clock_)
      id_ = runtime::call_for(*clock_, giving_up, until.latest,
                              [event = std::move(event)] { event->notify(); });
  }
  ~Timer() {
    if (clock_) clock_->cancel(id_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  runtime::Clock* clock_;
  runtime::TimerId id_ = runtime::TimerId::none;
};

}  // namespace

runtime::Task<> WaitingTasks::wait(std::string name, resources::Halt* halt, WaitUntil until) {
  const auto event = std::make_shared<runtime::Event>();
  const Entry<Events> entry(events_, name, event);
  const Timer timer(until, event);
  runtime::TaskGroup helpers(1);
  if (halt) runtime::start(helpers.spawn(pass_on(*halt, event)), [](const std::exception_ptr&) {});
  co_await event->wait();
}

/// In a round of its own: this one is destroyed by whom it wakes.
runtime::Task<> WaitingTasks::pass_on(resources::Halt& halt,
                                      std::shared_ptr<runtime::Event> event) {
  if (!halt.is_on()) co_await halt.wait();
  loop_.post([event = std::move(event)] { event->notify(); });
}

void WaitingTasks::wake(const std::string& name) {
  const auto [begin, end] = events_.equal_range(name);
  for (auto place = begin; place != end; ++place)
    loop_.post([event = place->second] { event->notify(); });
}

}  // namespace matinee::cloudformation
