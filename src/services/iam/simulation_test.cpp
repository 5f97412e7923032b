// The policy simulator, as clients see it.
#include "runtime/simulated/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/iam/service.h"
#include "services/iam/simulation.h"
#include "storage/store.h"

namespace matinee::iam {

using testing::ElementsAre;
using testing::IsEmpty;

class PolicySimulator : public testing::Test {
 protected:
  PolicySimulator() {
    auto opened = storage::Store::open({.directory = "/data", .disk = &machine.disk});
    if (!opened) throw std::runtime_error(opened.error().message);
    store = *std::move(opened);
    service = std::make_unique<Service>(*store, runtime);
  }

  runtime::Simulation machine;
  runtime::Runtime runtime = machine.runtime();
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Service> service;
  const Context context{.account = "111122223333", .caller_arn = "arn:aws:iam::111122223333:root"};
  const std::string bob = "arn:aws:iam::111122223333:user/bob";
  const std::string bucket = "arn:aws:s3:::films";

  template <class Response, class Request>
  Response call(Response (Service::*operation)(const Context&, const Request&),
                const std::type_identity_t<Request>& request) {
    storage::Transaction transaction(*store);
    if constexpr (std::is_void_v<Response>) {
      (service.get()->*operation)(context, request);
      transaction.commit();
    } else {
      Response response = (service.get()->*operation)(context, request);
      transaction.commit();
      return response;
    }
  }
  /// One that gives way.
  template <class Response, class Request>
  Response call(runtime::Task<Response> (Service::*operation)(const Context&, const Request&),
                const std::type_identity_t<Request>& request) {
    std::optional<Response> response;
    std::exception_ptr error;
    runtime::start((service.get()->*operation)(context, request),
                   [&](auto result, std::exception_ptr failure) {
                     response = std::move(result);
                     error = failure;
                   });
    machine.loop.run_until_idle();
    if (error) std::rethrow_exception(error);
    return *std::move(response);
  }
  template <class Response, class Request>
  std::string error_of(Response (Service::*operation)(const Context&, const Request&),
                       const std::type_identity_t<Request>& request) {
    try {
      call(operation, request);
    } catch (const protocol::ServiceError& error) {
      return std::to_string(error.status()) + " " + error.code() + ": " + error.message();
    }
    return "no error";
  }

  static std::string allow(const std::string& action, const std::string& more = "") {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":")" + action +
           R"(","Resource":"*")" + more + "}}";
  }
  static std::string deny(const std::string& action) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":")" + action +
           R"(","Resource":"*"}]})";
  }
  static std::string of_bucket(const std::string& effect, const std::string& who) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + effect +
           R"(","Principal":{"AWS":")" + who + R"("},"Action":"s3:*","Resource":"*"}]})";
  }
  /// The one result of a simulation of these policies.
  EvaluationResult simulate(SimulateCustomPolicyRequest request) {
    if (request.action_names.empty()) request.action_names = {"s3:GetObject"};
    const auto response = call(&Service::simulate_custom_policy, request);
    EXPECT_EQ(response.evaluation_results->size(), 1);
    return response.evaluation_results->front();
  }
  std::string decision(SimulateCustomPolicyRequest request) {
    return simulate(std::move(request)).eval_decision;
  }
};

TEST_F(PolicySimulator, tells_which_statements_allow_and_where_they_stand) {
  const std::string policy = allow("s3:*");
  const EvaluationResult result = simulate({.policy_input_list = {policy}});
  EXPECT_EQ(result.eval_action_name, "s3:GetObject");
  EXPECT_EQ(result.eval_resource_name, "*");
  EXPECT_EQ(result.eval_decision, "allowed");
  ASSERT_EQ(result.matched_statements->size(), 1);
  const Statement& statement = result.matched_statements->front();
  EXPECT_EQ(statement.source_policy_id, "PolicyInputList.1");
  EXPECT_EQ(statement.source_policy_type, "IAM Policy");
  EXPECT_EQ(statement.start_position->line, 1);
  EXPECT_EQ(statement.start_position->column, 38);
  EXPECT_EQ(statement.end_position->column, static_cast<int>(policy.size()));
  EXPECT_THAT(*result.missing_context_values, IsEmpty());
  EXPECT_FALSE(result.eval_decision_details);
  EXPECT_FALSE(result.resource_specific_results);
  EXPECT_FALSE(result.organizations_decision_detail);
}

TEST_F(PolicySimulator, tells_each_resource_for_itself) {
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
      R"("Resource":"arn:aws:s3:::films"}]})";
  const EvaluationResult result =
      simulate({.policy_input_list = {policy}, .resource_arns = {{bucket, bucket + "/a"}}});
  EXPECT_EQ(result.eval_decision, "implicitDeny") << "what is not allowed for one of them";
  EXPECT_TRUE(result.eval_decision_details && result.eval_decision_details->empty());
  ASSERT_EQ(result.resource_specific_results->size(), 2);
  const auto& results = *result.resource_specific_results;
  EXPECT_EQ(results[0].eval_resource_name, bucket);
  EXPECT_EQ(results[0].eval_resource_decision, "allowed");
  EXPECT_EQ(results[0].matched_statements->size(), 1);
  EXPECT_EQ(results[1].eval_resource_decision, "implicitDeny");
  EXPECT_THAT(*results[1].matched_statements, IsEmpty());
}

TEST_F(PolicySimulator, tells_only_what_denies) {
  const EvaluationResult result = simulate({.policy_input_list = {allow("*"), deny("s3:*")}});
  EXPECT_EQ(result.eval_decision, "explicitDeny");
  ASSERT_EQ(result.matched_statements->size(), 1);
  EXPECT_EQ(result.matched_statements->front().source_policy_id, "PolicyInputList.2");
}

TEST_F(PolicySimulator, names_the_keys_that_have_no_value) {
  const std::string policy = allow("s3:*", R"(,"Condition":{"Bool":{"aws:SecureTransport":true}})");
  const EvaluationResult without = simulate({.policy_input_list = {policy}});
  EXPECT_EQ(without.eval_decision, "implicitDeny");
  EXPECT_THAT(*without.missing_context_values, ElementsAre("aws:SecureTransport"));
  const EvaluationResult with =
      simulate({.policy_input_list = {policy},
                .context_entries = {{{.context_key_name = "AWS:securetransport",
                                      .context_key_values = {{"true"}},
                                      .context_key_type = "boolean"}}}});
  EXPECT_EQ(with.eval_decision, "allowed");
  EXPECT_THAT(*with.missing_context_values, IsEmpty());
  EXPECT_THAT(*call(&Service::get_context_keys_for_custom_policy, {.policy_input_list = {policy}})
                   .context_key_names,
              ElementsAre("aws:SecureTransport"));
}

TEST_F(PolicySimulator, lets_a_boundary_limit_what_policies_allow) {
  const EvaluationResult result =
      simulate({.policy_input_list = {allow("*")},
                .permissions_boundary_policy_input_list = {{allow("sqs:*")}}});
  EXPECT_EQ(result.eval_decision, "implicitDeny");
  EXPECT_EQ(result.permissions_boundary_decision_detail->allowed_by_permissions_boundary, false);
  EXPECT_EQ(decision({.policy_input_list = {allow("*")},
                      .permissions_boundary_policy_input_list = {{allow("s3:*")}}}),
            "allowed");
}

TEST_F(PolicySimulator, knows_policies_of_resources_and_other_accounts) {
  EXPECT_EQ(decision({.policy_input_list = {allow("sqs:*")},
                      .resource_arns = {{bucket}},
                      .resource_policy = of_bucket("Allow", bob),
                      .caller_arn = bob}),
            "allowed");
  const EvaluationResult denied = simulate({.policy_input_list = {allow("s3:*")},
                                            .resource_arns = {{bucket}},
                                            .resource_policy = of_bucket("Deny", bob),
                                            .caller_arn = bob});
  EXPECT_EQ(denied.eval_decision, "explicitDeny");
  EXPECT_EQ(denied.matched_statements->front().source_policy_id, "ResourcePolicy");
  EXPECT_EQ(denied.matched_statements->front().source_policy_type, "Resource Policy");
  const EvaluationResult across = simulate({.policy_input_list = {allow("sqs:*")},
                                            .resource_arns = {{bucket}},
                                            .resource_policy = of_bucket("Allow", bob),
                                            .resource_owner = "444455556666",
                                            .caller_arn = bob});
  EXPECT_EQ(across.eval_decision, "implicitDeny") << "from elsewhere both sides must allow";
  EXPECT_EQ(across.eval_decision_details->at("IAM Policy"), "implicitDeny");
  EXPECT_EQ(across.eval_decision_details->at("Resource Policy"), "allowed");
}

TEST_F(PolicySimulator, asks_the_levels_of_an_organization) {
  using Level = OrderedOrganizationPolicyType;
  const auto with = [&](const std::string& policy) {
    return simulate({.policy_input_list = {allow("*")},
                     .ordered_organization_policy_input_list = {
                         {Level{.service_control_policy_input_list = {{allow("*")}}},
                          Level{.service_control_policy_input_list = {{policy}}}}}});
  };
  EXPECT_EQ(with(allow("s3:*")).eval_decision, "allowed");
  const EvaluationResult refused = with(allow("sqs:*"));
  EXPECT_EQ(refused.eval_decision, "implicitDeny");
  EXPECT_EQ(refused.organizations_decision_detail->allowed_by_organizations, false);
  EXPECT_EQ(with(deny("s3:*")).eval_decision, "explicitDeny");
}

TEST_F(PolicySimulator, simulates_users_with_their_groups) {
  call(&Service::create_user, {.user_name = "bob"});
  call(&Service::create_group, {.group_name = "clerks"});
  call(&Service::add_user_to_group, {.group_name = "clerks", .user_name = "bob"});
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
      R"("Resource":"arn:aws:s3:::films/${aws:username}"}]})";
  call(&Service::put_group_policy,
       {.group_name = "clerks", .policy_name = "home", .policy_document = policy});
  SimulatePrincipalPolicyRequest request{.policy_source_arn = bob,
                                         .action_names = {"s3:GetObject"},
                                         .resource_arns = {{bucket + "/bob"}}};
  const auto response = call(&Service::simulate_principal_policy, request);
  const EvaluationResult& result = response.evaluation_results->front();
  EXPECT_EQ(result.eval_decision, "allowed");
  EXPECT_EQ(result.organizations_decision_detail->allowed_by_organizations, true);
  EXPECT_EQ(result.matched_statements->front().source_policy_id, "group_clerks_home");
  EXPECT_THAT(*result.resource_specific_results->front().missing_context_values, IsEmpty());
  EXPECT_EQ(response.is_truncated, false);
  EXPECT_THAT(*call(&Service::get_context_keys_for_principal_policy, {.policy_source_arn = bob})
                   .context_key_names,
              ElementsAre("aws:username"));
  request.policy_source_arn = "arn:aws:iam::111122223333:group/clerks";
  EXPECT_EQ(
      call(&Service::simulate_principal_policy, request).evaluation_results->front().eval_decision,
      "implicitDeny")
      << "a group has no name of a user";
  request.policy_source_arn = bob;
  request.policy_exclusion_list = {
      {.inline_policy_identifier = InlinePolicyIdentifierType{
           .policy_name = "home", .attachment_type = "group", .attachment_name = "cl*"}}};
  EXPECT_EQ(
      call(&Service::simulate_principal_policy, request).evaluation_results->front().eval_decision,
      "implicitDeny");
}

TEST_F(PolicySimulator, gives_its_results_page_by_page) {
  SimulateCustomPolicyRequest request{
      .policy_input_list = {allow("s3:*")},
      .action_names = {"s3:GetObject", "s3:PutObject", "sqs:SendMessage"},
      .max_items = 2};
  const auto first = call(&Service::simulate_custom_policy, request);
  EXPECT_EQ(first.evaluation_results->size(), 2);
  EXPECT_EQ(first.is_truncated, true);
  request.marker = first.marker;
  const auto second = call(&Service::simulate_custom_policy, request);
  EXPECT_EQ(second.evaluation_results->size(), 1);
  EXPECT_EQ(second.evaluation_results->front().eval_action_name, "sqs:SendMessage");
  EXPECT_EQ(second.is_truncated, false);
  EXPECT_FALSE(second.marker);
}

TEST_F(PolicySimulator, ends_a_page_early_rather_than_tell_too_much) {
  std::vector<std::string> many(page_of_simulated / 4, bucket);
  SimulateCustomPolicyRequest request{.policy_input_list = {allow("s3:*")},
                                      .action_names = std::vector<std::string>(5, "s3:GetObject"),
                                      .resource_arns = many};
  std::size_t results = 0;
  int pages = 0;
  for (bool is_truncated = true; is_truncated; ++pages) {
    const auto page = call(&Service::simulate_custom_policy, request);
    results += page.evaluation_results->size();
    is_truncated = *page.is_truncated;
    request.marker = page.marker;
  }
  EXPECT_EQ(results, 5u);
  EXPECT_EQ(pages, 3) << "a result and a statement of each resource";
}

TEST_F(PolicySimulator, refuses_what_would_have_no_end) {
  std::string conditions;
  for (int i = 0; i < 99; ++i)
    conditions +=
        (i > 0 ? ",\"aws:PrincipalTag/" : "\"aws:PrincipalTag/") + std::to_string(i) + "\":\"x\"";
  SimulateCustomPolicyRequest request{
      .policy_input_list = {allow("s3:*", R"(,"Condition":{"StringEquals":{)" + conditions + "}}")},
      .action_names = {"s3:GetObject"},
      .resource_arns = std::vector<std::string>(most_simulated / 100, bucket)};
  EXPECT_EQ(error_of(&Service::simulate_custom_policy, request), "no error");
  request.resource_arns->push_back(bucket);
  EXPECT_EQ(error_of(&Service::simulate_custom_policy, request),
            "400 InvalidInput: The simulation of s3:GetObject has more than 500000 results.");
}

TEST_F(PolicySimulator, holds_nobody_up_for_long) {
  const SimulateCustomPolicyRequest request{.policy_input_list = {allow("s3:*")},
                                            .action_names = {"s3:GetObject"},
                                            .resource_arns = std::vector<std::string>(3, bucket)};
  machine.loop.let_looking_take(runtime::Turns::length);
  const std::uint64_t before = machine.loop.round();
  EXPECT_EQ(call(&Service::simulate_custom_policy, request).evaluation_results->size(), 1u);
  EXPECT_GE(machine.loop.round() - before, 3u) << "a round for each resource";
}

TEST_F(PolicySimulator, refuses_what_it_cannot_simulate) {
  const auto principal = [&](const std::string& arn) {
    return error_of(&Service::simulate_principal_policy,
                    {.policy_source_arn = arn, .action_names = {"s3:GetObject"}});
  };
  EXPECT_EQ(principal(bob), "404 NoSuchEntity: The user with name bob cannot be found.");
  EXPECT_EQ(principal("arn:aws:sts::111122223333:assumed-role/clerk/monday"),
            "400 InvalidInput: Invalid Entity Arn: "
            "arn:aws:sts::111122223333:assumed-role/clerk/monday does not clearly define entity "
            "type and name.");
  EXPECT_EQ(principal("arn:aws:iam::444455556666:user/bob"),
            "400 InvalidInput: Invalid Policy Source Arn: caller's account 111122223333 does not "
            "have access to policies in account 444455556666");
  const auto custom = [&](SimulateCustomPolicyRequest request) {
    return error_of(&Service::simulate_custom_policy, request);
  };
  EXPECT_EQ(custom({.policy_input_list = {"{"}, .action_names = {"s3:GetObject"}}),
            "400 InvalidInput: Syntax errors in policy.");
  EXPECT_EQ(custom({.policy_input_list = {allow("*")},
                    .action_names = {"s3:GetObject"},
                    .resource_arns = {{"films"}}}),
            "400 InvalidInput: ResourceNames are not in a valid ARN format: films.");
  EXPECT_EQ(custom({.policy_input_list = {allow("*")},
                    .action_names = {"s3:GetObject"},
                    .resource_policy = of_bucket("Allow", bob)}),
            "400 InvalidInput: Invalid caller - Caller must be an IAM user in this context.");
}

}  // namespace matinee::iam
