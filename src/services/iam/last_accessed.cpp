// What users and roles have called last, service by service: of the services that their policies
// allow, and of what they have called without, where policies do not decide. A job is done as soon
// as it is asked for: its result is read from what has been noted of calls.
#include <fmt/format.h>

#include <map>

#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/paging.h"

namespace matinee::iam {

namespace {

constexpr std::string_view done = "COMPLETED";

/// What is known of one service.
struct ServiceUse {
  std::optional<runtime::Time> last;
  std::string region;
  std::string entity;
  std::map<std::string, runtime::Time> entities;  // by ARN
  std::map<std::string, identity::ActionUse> actions;
};
using Uses = std::map<std::string, ServiceUse, std::less<>>;

Uses collect(const identity::Activity* activity, const std::vector<std::string>& callers) {
  Uses uses;
  if (!activity) return uses;
  for (const std::string& arn : callers) {
    for (const identity::ActionUse& use : activity->uses_of(arn)) {
      const std::size_t colon = use.action.find(':');
      ServiceUse& service = uses[use.action.substr(0, colon)];
      runtime::Time& last_of_entity = service.entities[arn];
      last_of_entity = std::max(last_of_entity, use.last);
      identity::ActionUse& action = service.actions[use.action.substr(colon + 1)];
      if (action.last <= use.last) action = use;
      if (service.last && *service.last >= use.last) continue;
      service.last = use.last;
      service.region = use.region;
      service.entity = arn;
    }
  }
  return uses;
}

ServiceLastAccessed describe_use(const std::string& space, const std::string& name,
                                 const ServiceUse& use, bool by_action) {
  ServiceLastAccessed shown{.service_name = name};
  if (use.last) shown.last_authenticated = timestamp_of(*use.last);
  shown.service_namespace = space;
  if (use.last) {
    shown.last_authenticated_entity = use.entity;
    shown.last_authenticated_region = use.region;
  }
  shown.total_authenticated_entities = static_cast<std::int32_t>(use.entities.size());
  if (!by_action) return shown;
  shown.tracked_actions_last_accessed.emplace();
  for (const auto& [action, last] : use.actions)
    shown.tracked_actions_last_accessed->push_back({.action_name = action,
                                                    .last_accessed_entity = use.entity,
                                                    .last_accessed_time = timestamp_of(last.last),
                                                    .last_accessed_region = last.region});
  return shown;
}

}  // namespace

LastAccessedJobRecord Credentials::require_job(const Context& context,
                                               const std::string& id) const {
  auto job = credentials_.last_accessed_jobs.find({context.account, id});
  if (!job) throw NoSuchEntityException(fmt::format("Job {} cannot be found.", id));
  return *std::move(job);
}

std::vector<std::string> Credentials::callers_of(const std::string& account,
                                                 const std::string& arn) const {
  const auto entity = parse_entity_arn(arn);
  if (!entity) return {};
  std::vector<std::string> callers;
  if (entity->type == "group") {
    const auto group = catalog_.find_group(account, entity->name);
    if (!group) return {};
    catalog_.users_of_groups.scan(catalog_.users_of_groups.prefix(account, group->id),
                                  [&](const ById&, const std::string& id) {
                                    if (auto found = catalog_.find_arn(account, id))
                                      callers.push_back(*std::move(found));
                                    return true;
                                  });
    return callers;
  }
  if (entity->type != "policy") return {arn};
  catalog_.holders.scan(catalog_.holders.prefix(account, arn, Usage::permissions),
                        [&](const auto&, const std::string& id) {
                          if (auto found = catalog_.find_arn(account, id))
                            callers.push_back(*std::move(found));
                          return true;
                        });
  return callers;
}

GenerateServiceLastAccessedDetailsResponse Credentials::generate_service_last_accessed_details(
    const Context& context, const GenerateServiceLastAccessedDetailsRequest& request) {
  const std::string& account = context.account;
  const auto entity = parse_entity_arn(request.arn);
  if (!entity) throw InvalidInputException(fmt::format("Invalid ARN: {}", request.arn));
  if (entity->type == "user")
    catalog_.require_user(account, entity->name);
  else if (entity->type == "role")
    catalog_.require_role(account, entity->name);
  else if (entity->type == "group")
    catalog_.require_group(account, entity->name);
  else if (entity->type == "policy")
    catalog_.require_any_policy(account, request.arn);
  else
    throw InvalidInputException(fmt::format("Invalid ARN: {}", request.arn));
  const std::string id = runtime_.random.uuid();
  credentials_.last_accessed_jobs.put(
      {account, id},
      {.arn = request.arn, .by_action = request.granularity == "ACTION_LEVEL", .created = now()});
  return {.job_id = id};
}

GetServiceLastAccessedDetailsResponse Credentials::get_service_last_accessed_details(
    const Context& context, const GetServiceLastAccessedDetailsRequest& request) {
  const LastAccessedJobRecord job = require_job(context, request.job_id);
  GetServiceLastAccessedDetailsResponse response;
  response.job_status = done;
  response.job_type = job.by_action ? "ACTION_LEVEL" : "SERVICE_LEVEL";
  response.job_creation_date = timestamp_of(job.created);
  const Uses uses = collect(activity_, callers_of(context.account, job.arn));
  auto services = granted_services(context.account, job.arn);
  for (const auto& [space, use] : uses) {
    const std::string_view name = identity::name_of_service(space);
    services.emplace(space, name.empty() ? space : std::string(name));
  }
  for (const auto& [space, name] : services) {
    const auto use = uses.find(space);
    response.services_last_accessed.push_back(
        describe_use(space, name, use == uses.end() ? ServiceUse() : use->second, job.by_action));
  }
  cut_page(response.services_last_accessed, request).tell(response);
  response.job_completion_date = timestamp_of(job.created);
  return response;
}

GetServiceLastAccessedDetailsWithEntitiesResponse
Credentials::get_service_last_accessed_details_with_entities(
    const Context& context, const GetServiceLastAccessedDetailsWithEntitiesRequest& request) {
  const LastAccessedJobRecord job = require_job(context, request.job_id);
  GetServiceLastAccessedDetailsWithEntitiesResponse response;
  response.job_status = done;
  response.job_creation_date = timestamp_of(job.created);
  response.job_completion_date = timestamp_of(job.created);
  const Uses uses = collect(activity_, callers_of(context.account, job.arn));
  if (const auto use = uses.find(request.service_namespace); use != uses.end()) {
    for (const auto& [arn, last] : use->second.entities) {
      const auto entity = parse_entity_arn(arn);
      if (!entity) continue;
      const bool is_user = entity->type == "user";
      std::string id;
      if (is_user)
        if (const auto user = catalog_.find_user(context.account, entity->name)) id = user->id;
      if (!is_user)
        if (const auto role = catalog_.find_role(context.account, entity->name)) id = role->id;
      EntityInfo info{.arn = arn,
                      .name = entity->name,
                      .type = is_user ? "USER" : "ROLE",
                      .id = std::move(id),
                      .path = entity->path};
      response.entity_details_list.push_back(
          {.entity_info = std::move(info), .last_authenticated = timestamp_of(last)});
    }
  }
  cut_page(response.entity_details_list, request).tell(response);
  return response;
}

}  // namespace matinee::iam
