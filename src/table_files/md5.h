// MD5 of what comes piece by piece, in base64 as manifests and S3 have it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace matinee::table_files {

class Md5 {
 public:
  Md5();
  ~Md5();
  Md5(const Md5&) = delete;
  Md5& operator=(const Md5&) = delete;

  void add(std::string_view bytes);
  /// In base64. Nothing can be added to it any more.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string md5_base64(std::string_view bytes);

}  // namespace matinee::table_files
