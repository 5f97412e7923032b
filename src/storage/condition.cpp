#include "storage/condition.h"

#include "runtime/log.h"

namespace matinee::storage {

void Condition::writes_fail(std::string why) {
  std::lock_guard guard(mutex_);
  all_well_ = false;
  ++failures_;
  if (!why_writes_fail_) spdlog::error("Writes are refused until this works again: {}.", why);
  why_writes_fail_ = std::move(why);
}

std::uint64_t Condition::failures() const {
  std::lock_guard guard(mutex_);
  return failures_;
}

void Condition::writes_work(std::uint64_t failures) {
  std::lock_guard guard(mutex_);
  if (failures_ != failures) return;
  if (why_writes_fail_) spdlog::warn("Writes work again.");
  why_writes_fail_.reset();
  all_well_ = !damage_;
}

void Condition::ends(std::string why) {
  std::lock_guard guard(mutex_);
  all_well_ = false;
  ++failures_;
  why_writes_fail_ = std::move(why);
}

void Condition::met_damage(std::string what) {
  std::lock_guard guard(mutex_);
  all_well_ = false;
  if (!damage_) spdlog::error("{}. `matinee verify` tells what is damaged.", what);
  damage_ = std::move(what);
}

void Condition::can_be_copied(std::shared_ptr<const Copier> copier) {
  std::lock_guard guard(mutex_);
  copier_ = std::move(copier);
}

std::shared_ptr<const Copier> Condition::copier() const {
  std::lock_guard guard(mutex_);
  return copier_;
}

std::optional<std::string> Condition::why_writes_fail() const {
  if (all_well_) return std::nullopt;
  std::lock_guard guard(mutex_);
  return why_writes_fail_;
}

std::optional<std::string> Condition::damage() const {
  if (all_well_) return std::nullopt;
  std::lock_guard guard(mutex_);
  return damage_;
}

}  // namespace matinee::storage
