#include "client/credentials_chain.h"

#include <gtest/gtest.h>

#include "client/fake_http.h"
#include "runtime/simulated/simulation.h"

namespace matinee::client {
namespace {

using protocol::sigv4::Credentials;

class CredentialsChainTest : public testing::Test {
 protected:
  runtime::Simulation machine;
  FakeHttp http{machine.loop};
  ConfigFiles files;
  Surroundings around{machine.loop, machine.random, machine.disk, machine.environment, http, files};

  CredentialsChainTest() { http.fail(runtime::HttpFailure::Kind::not_reached); }

  CloudChoice choice(std::optional<std::string> profile = std::nullopt) {
    return {.region = "eu-west-1", .profile = std::move(profile)};
  }
  /// "KEY/SECRET/TOKEN", or the sentence of the error.
  std::string found(CredentialsChain& chain) {
    try {
      const Credentials keys = wait_for(machine.loop, chain.get());
      return keys.access_key + "/" + keys.secret_key + "/" + keys.session_token;
    } catch (const ClientError& error) {
      return error.what();
    }
  }
  std::string found(std::optional<std::string> profile = std::nullopt) {
    CredentialsChain chain(around, choice(std::move(profile)));
    return found(chain);
  }
  /// STS's answer to AssumeRole, good for `lifetime`.
  FakeHttp::Answer role_keys(const std::string& name, runtime::Duration lifetime) {
    return [this, name, lifetime](const runtime::HttpCall&) {
      const std::string when =
          protocol::sigv4::format_timestamp(machine.loop.now() + lifetime);  // 20240101T010000Z
      const std::string expiration = when.substr(0, 4) + "-" + when.substr(4, 2) + "-" +
                                     when.substr(6, 5) + ":" + when.substr(11, 2) + ":" +
                                     when.substr(13);
      return runtime::HttpReply{
          .status = 200,
          .headers = {{"Content-Type", "text/xml"}},
          .body = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + name +
                  "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                  "</SessionToken><Expiration>" +
                  expiration +
                  "</Expiration></Credentials></AssumeRoleResult>"
                  "</AssumeRoleResponse>"};
    };
  }
  void replace_answers(FakeHttp::Answer answer) {
    http.forget_answers();
    http.answer(std::move(answer));
  }
};

TEST_F(CredentialsChainTest, without_any_the_error_says_where_it_looked) {
  EXPECT_TRUE(found().starts_with("No AWS credentials were found: not in the environment"));
}

TEST_F(CredentialsChainTest, the_environment_counts_more_than_the_default_profile) {
  files.add_credentials("[default]\naws_access_key_id=file\naws_secret_access_key=s\n");
  EXPECT_EQ(found(), "file/s/");
  machine.environment.set("AWS_ACCESS_KEY_ID", "environment");
  machine.environment.set("AWS_SECRET_ACCESS_KEY", "s");
  machine.environment.set("AWS_SESSION_TOKEN", "t");
  EXPECT_EQ(found(), "environment/s/t");
}

TEST_F(CredentialsChainTest, a_chosen_profile_counts_more_than_the_environment) {
  machine.environment.set("AWS_ACCESS_KEY_ID", "environment");
  machine.environment.set("AWS_SECRET_ACCESS_KEY", "s");
  files.add_credentials("[work]\naws_access_key_id=work\naws_secret_access_key=s\n");
  EXPECT_EQ(found("work"), "work/s/");
  EXPECT_EQ(found("home"), "There is no profile \"home\".");
}

TEST_F(CredentialsChainTest, half_a_pair_of_keys_is_an_error) {
  machine.environment.set("AWS_ACCESS_KEY_ID", "environment");
  EXPECT_EQ(found(), "The environment has an access key without its secret access key.");
}

TEST_F(CredentialsChainTest, a_role_is_assumed_with_the_keys_of_its_source_profile) {
  files.add_config(
      "[profile base]\naws_access_key_id=base\naws_secret_access_key=s\n"
      "[profile work]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=base\n"
      "external_id=e&e\nrole_session_name=me\nduration_seconds=1800\n");
  replace_answers(role_keys("assumed", std::chrono::hours(1)));
  EXPECT_EQ(found("work"), "assumed/s/t");
  ASSERT_EQ(http.calls.size(), 1U);
  EXPECT_EQ(http.calls[0].url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_TRUE(http.header(0, "Authorization").contains("Credential=base/"));
  for (const char* part : {"Action=AssumeRole&", "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx",
                           "RoleSessionName=me", "ExternalId=e%26e", "DurationSeconds=1800"})
    EXPECT_TRUE(http.calls[0].body.contains(part)) << part << " in " << http.calls[0].body;
}

TEST_F(CredentialsChainTest, a_refused_role_is_told_with_the_reason) {
  files.add_config(
      "[profile work]\nrole_arn=arn:x\nsource_profile=work\naws_access_key_id=a\n"
      "aws_secret_access_key=s\n");
  replace_answers([](const runtime::HttpCall&) {
    return runtime::HttpReply{
        .status = 403,
        .body =
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not you.</Message>"
            "</Error></ErrorResponse>"};
  });
  EXPECT_EQ(found("work"), "The role arn:x cannot be assumed: Not you.");
}

TEST_F(CredentialsChainTest, profiles_that_lead_in_a_circle_are_an_error) {
  files.add_config(
      "[profile a]\nrole_arn=arn:a\nsource_profile=b\n"
      "[profile b]\nrole_arn=arn:b\nsource_profile=a\n");
  EXPECT_EQ(found("a"), "The profile a leads back to itself by source_profile.");
}

TEST_F(CredentialsChainTest, ways_that_are_not_known_are_named) {
  files.add_config(
      "[profile process]\ncredential_process=/bin/x\n[profile sso]\nsso_session=s\n"
      "[profile mfa]\nrole_arn=arn:x\nsource_profile=b\nmfa_serial=m\n");
  EXPECT_TRUE(found("process").contains("credential_process, which Matinee does not run"));
  EXPECT_TRUE(found("sso").contains("IAM Identity Center (SSO), which Matinee does not"));
  EXPECT_TRUE(found("mfa").contains("one-time password"));
}

TEST_F(CredentialsChainTest, keys_are_looked_for_again_five_minutes_before_they_expire) {
  files.add_config(
      "[profile work]\nrole_arn=arn:x\nsource_profile=work\naws_access_key_id=a\n"
      "aws_secret_access_key=s\n");
  replace_answers(role_keys("first", std::chrono::hours(1)));
  CredentialsChain chain(around, choice("work"));
  EXPECT_EQ(found(chain), "first/s/t");
  machine.loop.advance(std::chrono::minutes(54));
  replace_answers(role_keys("second", std::chrono::hours(1)));
  EXPECT_EQ(found(chain), "first/s/t");
  machine.loop.advance(std::chrono::minutes(2));
  EXPECT_EQ(found(chain), "second/s/t");
  EXPECT_EQ(http.calls.size(), 2U);
}

TEST_F(CredentialsChainTest, a_web_identity_token_is_exchanged_for_keys) {
  ASSERT_TRUE(machine.disk.write_atomically("/token", "the-token\n"));
  machine.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
  machine.environment.set("AWS_ROLE_ARN", "arn:aws:iam::1:role/x");
  replace_answers([](const runtime::HttpCall&) {
    return runtime::HttpReply{
        .status = 200,
        .body =
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>"
            "<Credentials><AccessKeyId>web</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            "<SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"
            "</Credentials></AssumeRoleWithWebIdentityResult>"
            "</AssumeRoleWithWebIdentityResponse>"};
  });
  EXPECT_EQ(found(), "web/s/t");
  EXPECT_TRUE(http.calls[0].body.contains("WebIdentityToken=the-token"));
}

TEST_F(CredentialsChainTest, a_container_serves_keys_to_who_has_its_token) {
  machine.environment.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x");
  machine.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret");
  replace_answers([](const runtime::HttpCall&) {
    return runtime::HttpReply{.status = 200,
                              .body = R"({"AccessKeyId":"container","SecretAccessKey":"s",)"
                                      R"("Token":"t","Expiration":"2030-01-01T00:00:00Z"})"};
  });
  EXPECT_EQ(found(), "container/s/t");
  EXPECT_EQ(http.calls[0].url, "http://169.254.170.2/v2/x");
  EXPECT_EQ(http.header(0, "Authorization"), "secret");
}

TEST_F(CredentialsChainTest, a_containers_token_goes_to_no_stranger) {
  machine.environment.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://stranger.example/x");
  machine.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret");
  EXPECT_TRUE(found().contains("neither https nor the address of a container's agent"));
  EXPECT_TRUE(http.calls.empty());
}

TEST_F(CredentialsChainTest, a_machine_serves_the_keys_of_its_role) {
  replace_answers([](const runtime::HttpCall& call) {
    if (call.method == "PUT") return runtime::HttpReply{.status = 200, .body = "session"};
    if (call.url.ends_with("/security-credentials/"))
      return runtime::HttpReply{.status = 200, .body = "role-name"};
    return runtime::HttpReply{.status = 200,
                              .body = R"({"Code":"Success","AccessKeyId":"machine",)"
                                      R"("SecretAccessKey":"s","Token":"t",)"
                                      R"("Expiration":"2030-01-01T00:00:00Z"})"};
  });
  EXPECT_EQ(found(), "machine/s/t");
  ASSERT_EQ(http.calls.size(), 3U);
  EXPECT_EQ(http.calls[2].url,
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/role-name");
  EXPECT_EQ(http.header(2, "x-aws-ec2-metadata-token"), "session");
}

TEST_F(CredentialsChainTest, the_machine_is_not_asked_if_that_is_switched_off) {
  machine.environment.set("AWS_EC2_METADATA_DISABLED", "true");
  EXPECT_TRUE(found().starts_with("No AWS credentials were found"));
  EXPECT_TRUE(http.calls.empty());
}

TEST_F(CredentialsChainTest, a_fallback_saves_asking_the_machine) {
  CredentialsChain chain(around, choice(), Credentials{"test", "test", ""});
  EXPECT_EQ(found(chain), "test/test/");
  EXPECT_TRUE(http.calls.empty());
}

TEST_F(CredentialsChainTest, calls_at_the_same_time_look_once) {
  files.add_config(
      "[profile work]\nrole_arn=arn:x\nsource_profile=work\naws_access_key_id=a\n"
      "aws_secret_access_key=s\n");
  replace_answers(role_keys("once", std::chrono::hours(1)));
  CredentialsChain chain(around, choice("work"));
  int done = 0;
  for (int i = 0; i < 5; ++i)
    runtime::start(chain.get(), [&](std::optional<Credentials> keys, const std::exception_ptr&) {
      if (keys && keys->access_key == "once") ++done;
    });
  machine.loop.run_until_idle();
  EXPECT_EQ(done, 5);
  EXPECT_EQ(http.calls.size(), 1U);
}

}  // namespace
}  // namespace matinee::client
