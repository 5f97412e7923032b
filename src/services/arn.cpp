#include "services/arn.h"

namespace matinee::services {

std::optional<Arn> parse_arn(std::string_view text) {
  const auto next_part = [&text]() -> std::optional<std::string> {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string part(text.substr(0, colon));
    text.remove_prefix(colon + 1);
    return part;
  };
  if (next_part() != "arn") return std::nullopt;
  const auto partition = next_part();
  const auto service = next_part();
  const auto region = next_part();
  const auto account = next_part();
  if (!account || partition->empty() || service->empty() || text.empty()) return std::nullopt;
  return Arn{.partition = *partition,
             .service = *service,
             .region = *region,
             .account = *account,
             .resource = std::string(text)};
}

std::string_view account_of_arn(std::string_view arn) {
  for (int colons = 0; colons < 4; ++colons) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  const std::string_view account = arn.substr(0, arn.find(':'));
  return account.size() == 12 ? account : std::string_view();
}

}  // namespace matinee::services
