// Templates of SAM from their text to what the transform makes: nothing of SAM is left that it
// knows, results stay within their limit, made twice they are the same, and faults say something.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "templates/reader.h"
#include "templates/sam/transform.h"

namespace {

using namespace matinee::templates;

constexpr std::size_t max_bytes = std::size_t{64} << 20;

sam::SamContext context() {
  return {.parameters = {{"Stage", "prod"}, {"List", Value::list({"a", "b"})}},
          .find_managed_policy = [](std::string_view name) -> std::optional<std::string> {
            if (name.size() % 2 == 0) return std::nullopt;
            return "arn:aws:iam::aws:policy/" + std::string(name);
          }};
}

void check(const Value& made) {
  const Value* resources = made.find("Resources");
  if (!resources || made.find("Globals")) std::abort();
  for (const Member& resource : resources->members())
    if (resource.value.text_or("Type") == "AWS::Serverless::Function") std::abort();
  if (to_json(made).size() > max_bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Value root = read_template(text, Aliases::expanded);
    const Value made = sam::transform(root, context());
    check(made);
    if (made != sam::transform(root, context())) std::abort();
  } catch (const TemplateError& error) {
    if (error.message.empty()) std::abort();
  } catch (const sam::SamError& error) {
    if (error.faults().empty()) std::abort();
    for (const sam::SamFault& fault : error.faults())
      if (fault.message.empty()) std::abort();
  }
  return 0;
}
