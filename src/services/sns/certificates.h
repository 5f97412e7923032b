// The certificate by which receivers check what topics have signed: anybody may have it, by the
// address that stands in each message.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::sns {

/// Written by the state thread, once; read by all.
class Certificates {
 public:
  void set(std::string name, std::string pem) {
    const std::lock_guard lock(mutex_);
    name_ = std::move(name);
    pem_ = std::move(pem);
  }
  /// Of a path such as "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem".
  std::optional<std::string> find(std::string_view path) const {
    if (!path.starts_with("/SimpleNotificationService-")) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (pem_.empty() || path.substr(1) != name_) return std::nullopt;
    return pem_;
  }

 private:
  mutable std::mutex mutex_;
  std::string name_;
  std::string pem_;
};

}  // namespace matinee::sns
