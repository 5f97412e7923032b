#include "gateway/heavy_work.h"

namespace matinee::gateway {

/// One piece of work, from being posted until it is done or dropped.
class HeavyWork::Counted {
 public:
  explicit Counted(HeavyWork& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    ++owner_.in_hand_;
  }
  ~Counted() {
    const std::lock_guard lock(owner_.mutex_);
    if (--owner_.in_hand_ == 0) owner_.done_.notify_all();
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  HeavyWork& owner_;
};

HeavyWork::~HeavyWork() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return in_hand_ == 0; });
}

void HeavyWork::post(std::shared_ptr<IoQueue> queue, runtime::Callback work,
                     runtime::Callback rest) {
  workers_.post([counted = std::make_unique<Counted>(*this), queue = std::move(queue),
                 work = std::move(work), rest = std::move(rest)]() mutable {
    work();
    work = nullptr;
    queue->post(std::move(rest));
    rest = nullptr;
  });
}

}  // namespace matinee::gateway
