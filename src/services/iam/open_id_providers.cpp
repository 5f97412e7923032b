// OpenID Connect providers.
#include <fmt/format.h>

#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/tags.h"

namespace matinee::iam {

namespace {

constexpr Quota providers_per_account{"OpenIdConnectProvidersPerAccount", 100};
constexpr Quota clients_per_provider{"ClientIdsPerOpenIdConnectProvider", 100};
constexpr std::size_t most_thumbprints = 5;

std::string arn_of_provider(const std::string& account, const std::string& url) {
  return fmt::format("arn:aws:iam::{}:oidc-provider/{}", account, url);
}

/// Without its scheme, which must be https.
std::string require_url(const std::string& url) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme) || url.size() == scheme.size() || url.contains('?') ||
      url.contains('#'))
    throw ValidationError("Invalid Open ID Connect Provider URL");
  std::string rest = url.substr(scheme.size());
  if (rest.ends_with('/')) rest.pop_back();
  return rest;
}

void require_thumbprints(const std::vector<std::string>& thumbprints) {
  if (thumbprints.size() > most_thumbprints)
    throw InvalidInputException("Thumbprint list must contain fewer than 5 entries.");
  for (const std::string& thumbprint : thumbprints)
    if (thumbprint.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
      throw ValidationError(fmt::format("Thumbprint {} is not valid.", thumbprint));
}

}  // namespace

OpenIdProviderRecord Credentials::require_open_id_provider(const Context& context,
                                                           const std::string& arn) const {
  const std::string prefix = arn_of_provider(context.account, "");
  std::optional<OpenIdProviderRecord> provider;
  if (arn.starts_with(prefix))
    provider = credentials_.open_id_providers.find({context.account, arn.substr(prefix.size())});
  if (!provider)
    throw NoSuchEntityException(fmt::format("OpenIDConnect Provider not found for arn {}", arn));
  return *std::move(provider);
}

std::optional<services::OpenIdProvider> Credentials::find_open_id_provider(
    std::string_view account, std::string_view issuer) const {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  auto provider = credentials_.open_id_providers.find({std::string(account), std::string(issuer)});
  if (!provider) return std::nullopt;
  return services::OpenIdProvider{.arn = arn_of_provider(std::string(account), provider->url),
                                  .client_ids = std::move(provider->client_ids)};
}

CreateOpenIDConnectProviderResponse Credentials::create_open_id_connect_provider(
    const Context& context, const CreateOpenIDConnectProviderRequest& request) {
  const std::string& account = context.account;
  OpenIdProviderRecord provider{
      .url = require_url(request.url),
      .client_ids = request.client_id_list.value_or(std::vector<std::string>()),
      .thumbprints = request.thumbprint_list.value_or(std::vector<std::string>()),
      .created = now(),
      .tags = make_tags(request.tags)};
  require_thumbprints(provider.thumbprints);
  require_within(clients_per_provider, provider.client_ids.size());
  if (credentials_.open_id_providers.contains({account, provider.url}))
    throw EntityAlreadyExistsException(
        fmt::format("Provider with url {} already exists.", request.url));
  count_one(catalog_, account, Counter::providers, providers_per_account);
  credentials_.open_id_providers.put({account, provider.url}, provider);
  CreateOpenIDConnectProviderResponse response;
  response.open_id_connect_provider_arn = arn_of_provider(account, provider.url);
  if (!provider.tags.empty()) response.tags = describe_tags(provider.tags);
  return response;
}

GetOpenIDConnectProviderResponse Credentials::get_open_id_connect_provider(
    const Context& context, const GetOpenIDConnectProviderRequest& request) {
  OpenIdProviderRecord provider =
      require_open_id_provider(context, request.open_id_connect_provider_arn);
  GetOpenIDConnectProviderResponse response;
  response.url = std::move(provider.url);
  response.client_id_list = std::move(provider.client_ids);
  response.thumbprint_list = std::move(provider.thumbprints);
  response.create_date = timestamp_of(provider.created);
  response.tags = describe_tags(provider.tags);
  return response;
}

ListOpenIDConnectProvidersResponse Credentials::list_open_id_connect_providers(
    const Context& context, const ListOpenIDConnectProvidersRequest&) {
  ListOpenIDConnectProvidersResponse response;
  response.open_id_connect_provider_list.emplace();
  credentials_.open_id_providers.scan(
      credentials_.open_id_providers.prefix(context.account),
      [&](const ByName&, const OpenIdProviderRecord& provider) {
        response.open_id_connect_provider_list->push_back(
            {.arn = arn_of_provider(context.account, provider.url)});
        return true;
      });
  return response;
}

/// One that is there already stays.
AddClientIDToOpenIDConnectProviderResponse Credentials::add_client_id_to_open_id_connect_provider(
    const Context& context, const AddClientIDToOpenIDConnectProviderRequest& request) {
  OpenIdProviderRecord provider =
      require_open_id_provider(context, request.open_id_connect_provider_arn);
  if (std::ranges::find(provider.client_ids, request.client_id) != provider.client_ids.end())
    return {};
  require_room_for_one(clients_per_provider, provider.client_ids.size());
  provider.client_ids.push_back(request.client_id);
  credentials_.open_id_providers.put({context.account, provider.url}, provider);
  return {};
}

RemoveClientIDFromOpenIDConnectProviderResponse
Credentials::remove_client_id_from_open_id_connect_provider(
    const Context& context, const RemoveClientIDFromOpenIDConnectProviderRequest& request) {
  OpenIdProviderRecord provider =
      require_open_id_provider(context, request.open_id_connect_provider_arn);
  std::erase(provider.client_ids, request.client_id);
  credentials_.open_id_providers.put({context.account, provider.url}, provider);
  return {};
}

UpdateOpenIDConnectProviderThumbprintResponse
Credentials::update_open_id_connect_provider_thumbprint(
    const Context& context, const UpdateOpenIDConnectProviderThumbprintRequest& request) {
  OpenIdProviderRecord provider =
      require_open_id_provider(context, request.open_id_connect_provider_arn);
  require_thumbprints(request.thumbprint_list);
  provider.thumbprints = request.thumbprint_list;
  credentials_.open_id_providers.put({context.account, provider.url}, provider);
  return {};
}

/// AWS says nothing of one that is not there.
DeleteOpenIDConnectProviderResponse Credentials::delete_open_id_connect_provider(
    const Context& context, const DeleteOpenIDConnectProviderRequest& request) {
  const std::string prefix = arn_of_provider(context.account, "");
  const std::string& arn = request.open_id_connect_provider_arn;
  if (!arn.starts_with(prefix)) return {};
  const ByName place{context.account, arn.substr(prefix.size())};
  if (!credentials_.open_id_providers.contains(place)) return {};
  credentials_.open_id_providers.erase(place);
  catalog_.add(context.account, Counter::providers, -1);
  return {};
}

TagOpenIDConnectProviderResponse Credentials::tag_open_id_connect_provider(
    const Context& context, const TagOpenIDConnectProviderRequest& request) {
  OpenIdProviderRecord provider =
      require_open_id_provider(context, request.open_id_connect_provider_arn);
  add_tags(request.tags, provider.tags);
  credentials_.open_id_providers.put({context.account, provider.url}, provider);
  return {};
}

UntagOpenIDConnectProviderResponse Credentials::untag_open_id_connect_provider(
    const Context& context, const UntagOpenIDConnectProviderRequest& request) {
  OpenIdProviderRecord provider =
      require_open_id_provider(context, request.open_id_connect_provider_arn);
  remove_tags(request.tag_keys, provider.tags);
  credentials_.open_id_providers.put({context.account, provider.url}, provider);
  return {};
}

ListOpenIDConnectProviderTagsResponse Credentials::list_open_id_connect_provider_tags(
    const Context& context, const ListOpenIDConnectProviderTagsRequest& request) {
  ListOpenIDConnectProviderTagsResponse response{
      .tags = describe_tags(
          require_open_id_provider(context, request.open_id_connect_provider_arn).tags)};
  cut_page(response.tags, request).tell(response);
  return response;
}

}  // namespace matinee::iam
