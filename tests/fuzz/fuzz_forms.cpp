// Browsers' forms: the body in pieces whose size the first byte chooses, which must mean what it
// means in one piece; and the same bytes as a form's policy.
#include <cstdint>
#include <string_view>

#include "protocol/base64.h"
#include "protocol/error.h"
#include "services/s3/forms/multipart_form.h"
#include "services/s3/forms/post_policy.h"

namespace {

namespace s3 = matinee::s3;

struct Taken {
  s3::FormFields fields;
  std::string file;
  bool complete = false;
  bool operator==(const Taken&) const = default;
};

Taken take_apart(std::string_view body, std::size_t step) {
  Taken taken;
  s3::MultipartForm form("xx");
  form.on_file = [] {};
  form.on_bytes = [&](std::string_view bytes) { taken.file += bytes; };
  try {
    while (!body.empty()) {
      form.feed(body.substr(0, step));
      body.remove_prefix(std::min(step, body.size()));
    }
  } catch (const matinee::protocol::ServiceError&) {
    return {};
  }
  taken.fields = form.fields();
  taken.complete = form.complete();
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Taken whole = take_apart(body, body.size());
  const Taken pieces = take_apart(body, std::size_t{1} + data[0]);
  if (whole.complete && pieces.complete && whole != pieces) __builtin_trap();
  try {
    s3::check_post_policy({{"key", "k"}, {"policy", matinee::protocol::base64_encode(body)}},
                          "bucket", {});
  } catch (const matinee::protocol::ServiceError&) {
    return 0;
  }
  return 0;
}
