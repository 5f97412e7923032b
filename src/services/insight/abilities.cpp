// What this machine allows for functions.
#include "services/insight/service.h"

namespace matinee::insight {

runtime::Task<GetAbilitiesResponse> Service::get_abilities(const Context&,
                                                           const GetAbilitiesRequest&) {
  if (!sandboxes_) co_return GetAbilitiesResponse{.functions = false};
  // Whoever asked may have gone before it is known.
  const auto found = std::make_shared<runtime::Promised<runtime::SandboxAbilities>>();
  sandboxes_->ask_abilities(
      [found](const runtime::SandboxAbilities& abilities) { found->set(abilities); });
  const runtime::SandboxAbilities abilities = co_await *found;
  co_return GetAbilitiesResponse{.functions = true,
                                 .locked_in = abilities.is_locked_in,
                                 .memory_limited = abilities.limits_memory,
                                 .missing = abilities.missing};
}

}  // namespace matinee::insight
