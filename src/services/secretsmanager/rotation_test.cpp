// What is kept of rotation while there are no functions, and when the next one would be due.
#include "services/secretsmanager/rotation_schedule.h"
#include "services/secretsmanager/service_fixture.h"

namespace matinee::secretsmanager {
namespace {

using testing::IsEmpty;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::string_view function = "arn:aws:lambda:us-east-1:111122223333:function:rotate";

class Rotation : public SecretsTest {
 protected:
  std::string rotate(RotateSecretRequest request, bool with_function = true) {
    request.secret_id = "s";
    if (!request.client_request_token) request.client_request_token = token();
    if (with_function) request.rotation_lambda_arn = function;
    return error_of([&] { call(&Service::rotate_secret, request); });
  }
  std::string rotate_by(const std::string& expression, std::optional<std::string> duration = {}) {
    return rotate({.rotation_rules = RotationRulesType{.duration = std::move(duration),
                                                       .schedule_expression = expression}});
  }
};

/// The end of the first window after a moment, with AWS's words for dates; "-" without.
std::string next(std::string_view expression, std::chrono::sys_seconds time,
                 std::optional<std::int64_t> hours = {}) {
  const auto schedule = RotationSchedule::parse(expression);
  if (!schedule) return "-";
  const auto end = schedule->next(time, hours);
  if (!end) return "never";
  const auto second = std::chrono::floor<std::chrono::seconds>(*end);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  const auto two = [](auto number) {
    const std::string text = std::to_string(number);
    return text.size() < 2 ? "0" + text : text;
  };
  return std::to_string(static_cast<int>(date.year())) + "-" +
         two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day())) +
         " " + two(clock.hours().count()) + ":" + two(clock.minutes().count()) + ":" +
         two(clock.seconds().count());
}

constexpr auto tuesday = std::chrono::sys_days(std::chrono::year(2026) / 3 / 10) + 9h + 30min;

TEST_F(Rotation, the_first_one_needs_a_function) {
  create("s");
  EXPECT_EQ(rotate({}, false),
            "InvalidRequestException: No Lambda rotation function ARN is associated with this "
            "secret.");
  EXPECT_FALSE(describe("s").rotation_enabled.has_value());
}

TEST_F(Rotation, its_configuration_is_kept_though_nothing_is_rotated) {
  const auto made = create("s");
  EXPECT_THAT(rotate({.rotation_rules = RotationRulesType{.automatically_after_days = 7}}),
              StartsWith("NotImplemented: The secret is not rotated: that calls a Lambda"));
  kill_and_restart();
  const auto shown = describe("s");
  EXPECT_EQ(shown.rotation_enabled, true);
  EXPECT_EQ(shown.rotation_lambda_arn, function);
  EXPECT_EQ(shown.rotation_rules->automatically_after_days, 7);
  EXPECT_FALSE(shown.rotation_rules->duration.has_value());
  EXPECT_FALSE(shown.last_rotated_date.has_value());
  const auto today = std::chrono::floor<std::chrono::days>(machine.loop.now());
  EXPECT_EQ(*shown.next_rotation_date, today + std::chrono::days(8) - 1s);
  EXPECT_EQ(stages_of("s", *made.version_id), "AWSCURRENT");
  EXPECT_EQ(call(&Service::list_secrets, ListSecretsRequest{}).secret_list->at(0).rotation_enabled,
            true);
}

TEST_F(Rotation, a_second_token_finds_nothing_in_its_way) {
  create("s");
  EXPECT_THAT(rotate({}), StartsWith("NotImplemented"));
  EXPECT_THAT(rotate({}, false), StartsWith("NotImplemented"));
  EXPECT_THAT(rotate({.client_request_token = ""}),
              StartsWith("InvalidRequestException: You must"));
  EXPECT_EQ(describe("s").version_ids_to_stages->size(), 1u);
}

TEST_F(Rotation, rules_replace_each_other) {
  create("s");
  rotate_by("cron(0 16 1,15 * ? *)", "2h");
  auto rules = *describe("s").rotation_rules;
  EXPECT_EQ(rules.schedule_expression, "cron(0 16 1,15 * ? *)");
  EXPECT_EQ(rules.duration, "2h");
  rotate({.rotation_rules = RotationRulesType{.automatically_after_days = 1}}, false);
  rules = *describe("s").rotation_rules;
  EXPECT_EQ(rules.automatically_after_days, 1);
  EXPECT_FALSE(rules.schedule_expression.has_value());
  EXPECT_FALSE(rules.duration.has_value());
  EXPECT_EQ(rotate({.rotation_rules = RotationRulesType{.automatically_after_days = 1,
                                                        .schedule_expression = "rate(1 day)"}}),
            "InvalidParameterException: You cannot specify both rotation frequency and schedule "
            "expression together.");
}

TEST_F(Rotation, what_is_refused_changes_nothing) {
  create("s");
  rotate_by("rate(10 days)");
  const auto before = describe("s");
  EXPECT_THAT(rotate_by("rate(3 hours)"), StartsWith("InvalidParameterException"));
  EXPECT_THAT(rotate_by("rate(4 hours)", "5h"), StartsWith("InvalidParameterException"));
  EXPECT_THAT(rotate({.rotation_rules = RotationRulesType{.duration = "5h"}}),
              StartsWith("InvalidParameterException"));
  EXPECT_EQ(describe("s").rotation_rules->schedule_expression, "rate(10 days)");
  EXPECT_EQ(describe("s").last_changed_date, before.last_changed_date);
}

TEST_F(Rotation, a_cancelled_one_shows_what_it_was) {
  create("s");
  rotate_by("rate(10 days)");
  call(&Service::cancel_rotate_secret, CancelRotateSecretRequest{.secret_id = "s"});
  const auto shown = describe("s");
  EXPECT_EQ(shown.rotation_enabled, false);
  EXPECT_EQ(shown.rotation_lambda_arn, function);
  EXPECT_EQ(shown.rotation_rules->schedule_expression, "rate(10 days)");
  EXPECT_FALSE(shown.next_rotation_date.has_value());
  EXPECT_THAT(rotate({}, false), StartsWith("NotImplemented"));
  EXPECT_EQ(describe("s").rotation_enabled, true);
  EXPECT_TRUE(describe("s").next_rotation_date.has_value());
}

TEST_F(Rotation, a_value_set_by_hand_counts_where_days_are_counted) {
  create("s");
  rotate({.rotation_rules = RotationRulesType{.automatically_after_days = 7}});
  const auto before = *describe("s").next_rotation_date;
  advance(48h);
  put("s", "pending", std::vector<std::string>{"OTHER"});
  EXPECT_EQ(*describe("s").next_rotation_date, before);
  put("s", "new");
  EXPECT_EQ(*describe("s").next_rotation_date, before + 48h);
}

TEST_F(Rotation, neither_deleted_nor_half_rotated_secrets_are_rotated) {
  create("s");
  put("s", "next", std::vector<std::string>{"AWSPENDING"});
  EXPECT_EQ(rotate({}),
            "InvalidRequestException: A previous rotation isn't complete. That rotation will be "
            "reattempted.");
  EXPECT_FALSE(describe("s").rotation_enabled.has_value());
  remove("s");
  EXPECT_EQ(rotate({}),
            "InvalidRequestException: You can't perform this operation on the secret because it "
            "was marked for deletion.");
}

TEST_F(Rotation, rates_begin_at_midnight) {
  EXPECT_EQ(next("rate(1 day)", tuesday), "2026-03-11 23:59:59");
  EXPECT_EQ(next("rate(10 days)", tuesday, 3), "2026-03-20 02:59:59");
  EXPECT_EQ(next("rate(4 hours)", tuesday), "2026-03-10 12:59:59");
  EXPECT_EQ(next("rate(12 hours)", tuesday, 12), "2026-03-10 23:59:59");
  for (const char* wrong : {"rate(0 days)", "rate(1000 days)", "rate(3 hours)", "rate(5 minutes)",
                            "rate(1 week)", "rate(-1 days)", "rate(1)", "rate(1 day", "1 day", ""})
    EXPECT_EQ(next(wrong, tuesday), "-") << wrong;
}

TEST_F(Rotation, a_cron_names_hours_days_and_months) {
  EXPECT_EQ(next("cron(0 8 * * ? *)", tuesday), "2026-03-11 23:59:59");
  EXPECT_EQ(next("cron(0 10 * * ? *)", tuesday, 2), "2026-03-10 11:59:59");
  EXPECT_EQ(next("cron(0 4/12 * * ? *)", tuesday), "2026-03-10 16:59:59");
  EXPECT_EQ(next("cron(0 16 1,15 * ? *)", tuesday), "2026-03-15 23:59:59");
  EXPECT_EQ(next("cron(0 0 L * ? *)", tuesday), "2026-03-31 23:59:59");
  EXPECT_EQ(next("cron(0 0 15W * ? *)", tuesday), "2026-03-16 23:59:59");  // the 15th is a Sunday
  EXPECT_EQ(next("cron(0 10 ? FEB,MAY TUE#2 *)", tuesday), "2026-05-12 23:59:59");
  EXPECT_EQ(next("cron(0 1 ? * MON-FRI *)", tuesday), "2026-03-11 23:59:59");
  EXPECT_EQ(next("cron(0 1 ? * 1L *)", tuesday), "2026-03-29 23:59:59");
  EXPECT_EQ(next("cron(0 1 ? 1/3 L *)", tuesday), "2026-04-04 23:59:59");
  EXPECT_EQ(next("cron(0 0 29 2 ? *)", tuesday), "2028-02-29 23:59:59");
  for (const char* wrong :
       {"cron(5 8 * * ? *)", "cron(0 * * * ? *)", "cron(0 0/3 * * ? *)", "cron(0 8 * * * *)",
        "cron(0 8 ? * ? *)", "cron(0 8 * * ? 2027)", "cron(0 24 * * ? *)", "cron(0 8 32 * ? *)",
        "cron(0 8 31 2 ? *)", "cron(0 8 ? * MON#6 *)", "cron(0 8 * * ?)", "cron(0  8 * * ? *)"})
    EXPECT_EQ(next(wrong, tuesday), "-") << wrong;
}

TEST_F(Rotation, a_window_ends_with_its_day) {
  EXPECT_TRUE(RotationSchedule::parse("cron(0 20 * * ? *)")->takes(4));
  EXPECT_FALSE(RotationSchedule::parse("cron(0 20 * * ? *)")->takes(5));
  EXPECT_TRUE(RotationSchedule::parse("cron(0 2/10 * * ? *)")->takes(2));
  EXPECT_FALSE(RotationSchedule::parse("cron(0 2/10 * * ? *)")->takes(3));
  EXPECT_FALSE(RotationSchedule::parse("rate(1 day)")->takes(25));
  EXPECT_FALSE(RotationSchedule::parse("rate(1 day)")->takes(0));
}

}  // namespace
}  // namespace matinee::secretsmanager
