// Policies that strangers put on queues and buckets: read, evaluated, and judged.
#include <cstdint>
#include <string_view>

#include "policy/evaluate.h"
#include "policy/publicity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace policy = matinee::policy;
  const auto document = policy::parse({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  using Values = std::optional<std::vector<std::string>>;
  const policy::Keys keys = [](std::string_view key) -> Values {
    if (key.size() % 3 == 0) return std::nullopt;
    return std::vector<std::string>{std::string(key), "2024-02-29T12:00:00Z", "10.0.0.1"};
  };
  const policy::Request request{
      .caller = {.account = "111122223333", .arn = "arn:aws:iam::111122223333:root"},
      .action = "s3:GetObject",
      .resource = "arn:aws:s3:::films/new",
      .keys = keys};
  const policy::Verdict verdict = policy::evaluate(*document, request);
  if ((verdict.effect == policy::Effect::none) != (verdict.statement == nullptr)) __builtin_trap();
  policy::is_public(*document);
  return 0;
}
