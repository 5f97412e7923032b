#include "services/s3/catalog/remains.h"

#include "runtime/log.h"
#include "runtime/timer_purpose.h"

namespace matinee::s3 {

namespace {

/// What one transaction gives back at most, however little time that takes.
constexpr std::size_t most_in_a_step = 500;
constexpr std::chrono::minutes wait_after_failure{1};

constexpr runtime::TimerPurpose giving_back{.what = "S3 tries again to give back what was removed"};

}  // namespace

Remains::Remains(Catalog& catalog, runtime::Loop& loop) : catalog_(catalog), loop_(loop) {
  catalog_.on_remains = [this] { start(); };
  if (!catalog_.remains.is_empty(catalog_.remains.all())) start();
}

Remains::~Remains() {
  catalog_.on_remains = nullptr;
  loop_.clock().cancel(timer_);
  alive_.reset();
  changed_.notify();
}

runtime::Task<> Remains::wait() {
  const std::weak_ptr<bool> alive = alive_;
  while (!catalog_.remains.is_empty(catalog_.remains.all())) {
    co_await changed_.wait();
    if (alive.expired()) throw std::runtime_error("The program ends.");
  }
}

void Remains::start() {
  if (!is_posted_) post_step();
}

void Remains::post_step() {
  is_posted_ = true;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    is_posted_ = false;
    step();
  });
}

void Remains::step() {
  try {
    storage::Transaction transaction(catalog_.store());
    const bool goes_on = remove_some();
    transaction.commit();
    if (goes_on) return start();
    changed_.notify();
  } catch (const std::exception& error) {
    spdlog::error("Removed parts could not be given back, which is tried again in a minute: {}",
                  error.what());
    loop_.clock().cancel(timer_);
    timer_ = runtime::call_for(loop_.clock(), giving_back, loop_.clock().now() + wait_after_failure,
                               [this] {
                                 timer_ = runtime::TimerId::none;
                                 start();
                               });
  }
}

bool Remains::remove_some() {
  const auto first = catalog_.remains.first(catalog_.remains.all());
  if (!first) return false;
  const auto& [number, record] = *first;
  const bool done = record.content != 0 ? release_content(record.content) : remove_parts(record);
  if (done) catalog_.remains.erase(number);
  return true;
}

bool Remains::remove_parts(const RemainsRecord& record) {
  std::vector<Catalog::PartKey> removed;
  auto place = catalog_.parts.cursor(catalog_.parts.prefix(record.upload_id));
  for (; place.valid() && removed.size() < most_in_a_step; place.next()) {
    if (!removed.empty() && loop_.turns().is_over()) break;
    removed.push_back(place.key());
    if (!std::ranges::binary_search(record.taken, std::get<1>(removed.back())))
      catalog_.release(place.record().segments);
  }
  const bool done = !place.valid();
  for (const Catalog::PartKey& part : removed) catalog_.parts.erase(part);
  return done;
}

bool Remains::release_content(std::uint64_t number) {
  std::optional<ContentRecord> content = catalog_.contents.find(number);
  if (!content) return true;
  std::vector<Segment>& segments = content->segments;
  for (std::size_t count = 0; !segments.empty() && count < most_in_a_step; ++count) {
    if (count > 0 && loop_.turns().is_over()) break;
    catalog_.release({std::move(segments.back())});
    segments.pop_back();
  }
  if (segments.empty()) {
    catalog_.contents.erase(number);
    return true;
  }
  content->parts.clear();
  catalog_.contents.put(number, *content);
  return false;
}

}  // namespace matinee::s3
