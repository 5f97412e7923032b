#include "schedules/schedule.h"

#include <fmt/format.h>

#include <random>
#include <set>

#include "schedules/zones_fixture.h"

namespace matinee::schedules {
namespace {

using runtime::Time;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;

bool is_valid(std::string_view expression, Grammar grammar = Grammar::rule) {
  return Schedule::parse(expression, grammar).has_value();
}

/// "2026-03-29 01:59".
Time at(std::string_view text) {
  const auto part = [&](std::size_t from, std::size_t size) {
    return std::stoi(std::string(text.substr(from, size)));
  };
  return sys_days(year(part(0, 4)) / part(5, 2) / part(8, 2)) + hours(part(11, 2)) +
         minutes(part(14, 2));
}

std::string text(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto minute = std::chrono::floor<minutes>(time - day).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     minute / 60, minute % 60);
}

/// The next times in UTC, with blanks between them.
std::string next(std::string_view expression, std::string_view after, int count = 1,
                 const TimeZone& zone = TimeZone()) {
  const auto schedule = Schedule::parse(expression, Grammar::scheduler);
  if (!schedule) return "invalid";
  std::string result;
  std::optional<Time> time = at(after);
  for (int i = 0; i < count; ++i) {
    time = schedule->next_after(*time, Time(), zone);
    if (!time) return result + "none";
    result += text(*time) + (i + 1 < count ? ", " : "");
  }
  return result;
}

TEST(Rate, the_unit_agrees_with_the_number) {
  for (const char* expression : {"rate(1 minute)", "rate(1 hour)", "rate(1 day)", "rate(2 minutes)",
                                 "rate(10 hours)", "rate(365 days)"})
    EXPECT_TRUE(is_valid(expression)) << expression;
  for (const char* expression : {"rate(10 seconds)",
                                 "rate(10 years)",
                                 "rate(1 minutes)",
                                 "rate(1 hours)",
                                 "rate(1 days)",
                                 "rate(10 minute)",
                                 "rate(10 hour)",
                                 "rate(10 day)",
                                 "rate()",
                                 "rate(10)",
                                 "rate(10 minutess)",
                                 "rate(foo minutes)",
                                 "rate(0 minutes)",
                                 "rate(-10 minutes)",
                                 "rate(10 MINUTES)",
                                 "rate( 10 minutes )",
                                 " rate(10 minutes)",
                                 "rate(10  minutes)",
                                 "rate(10 minutes) ",
                                 "rate(1.5 minutes)",
                                 "rate(10 minutes",
                                 "RATE(10 minutes)",
                                 "",
                                 "rate",
                                 "(1 minute)",
                                 "rate(10000000000 minutes)",
                                 "at(2026-01-01T00:00:00)"})
    EXPECT_FALSE(is_valid(expression)) << expression;
  EXPECT_TRUE(is_valid("rate(1 minutes)", Grammar::scheduler));
  EXPECT_TRUE(is_valid("rate(5 hour)", Grammar::scheduler));
}

TEST(Rate, times_count_from_the_start) {
  const auto rate = Schedule::parse("rate(5 minutes)", Grammar::rule);
  const Time start = at("2026-01-01 00:00") + seconds(7);
  EXPECT_EQ(rate->next_after(start - hours(1), start), start);
  EXPECT_EQ(rate->next_after(start, start), start + minutes(5));
  EXPECT_EQ(rate->next_after(start + minutes(5) - seconds(1), start), start + minutes(5));
  EXPECT_EQ(rate->next_after(start + minutes(5), start), start + minutes(10));
  EXPECT_EQ(Schedule::parse("rate(999999999 days)", Grammar::rule)->next_after(start, start),
            start + minutes(1'000'000'000));
}

TEST(At, it_falls_once_on_the_clocks_of_its_zone) {
  const TimeZone& berlin = zone_of("Europe/Berlin");
  EXPECT_EQ(next("at(2026-12-24T18:00:00)", "2026-12-01 00:00", 2, berlin),
            "2026-12-24 17:00, none");
  EXPECT_EQ(next("at(2026-12-24T18:00:00)", "2026-12-24 18:00"), "none");
  EXPECT_EQ(next("at(2026-03-29T02:30:00)", "2026-01-01 00:00", 1, berlin), "2026-03-29 01:30");
  EXPECT_EQ(next("at(2026-10-25T02:30:00)", "2026-01-01 00:00", 1, berlin), "2026-10-25 00:30");
  for (const char* expression :
       {"at(2026-13-01T00:00:00)", "at(2026-02-30T00:00:00)", "at(2026-01-01T24:00:00)",
        "at(2026-01-01 00:00:00)", "at(2026-01-01T00:00)", "at(2026-01-01T00:00:00Z)", "at()",
        "at(2026-1-1T0:0:0)", "at(2026-01-01T00:60:00)"})
    EXPECT_FALSE(is_valid(expression, Grammar::scheduler)) << expression;
}

TEST(Cron, expressions_of_the_documentation_are_valid) {
  for (const char* expression :
       {"cron(0 10 * * ? *)", "cron(15 12 * * ? *)", "cron(0 18 ? * MON-FRI *)",
        "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)", "cron(0/10 * ? * MON-FRI *)",
        "cron(0/5 8-17 ? * MON-FRI *)", "cron(0/30 20-2 ? * MON-FRI *)",
        "cron(15 10 ? * 6L 2019-2022)", "cron(0 0 3W * ? *)", "cron(0 9 ? * 2#1 *)",
        "cron(0 0 L * ? *)", "cron(*/5 * * * ? *)", "cron(5,35 14 * * ? *)",
        "cron(0 0 ? * sun,Tue 2026)", "cron(0 0 ? JAN,mar-MAY L *)", "cron(0 0 ? * FRI#5 *)"})
    EXPECT_TRUE(is_valid(expression)) << expression;
}

TEST(Cron, what_does_not_fit_is_refused) {
  for (const char* expression :
       {"cron(0 10 * * * *)",         "cron(0 10 ? * ? *)",       "cron(0 10 * * ?)",
        "cron(0 10 * * ? * *)",       "cron(60 10 * * ? *)",      "cron(0 24 * * ? *)",
        "cron(0 10 32 * ? *)",        "cron(0 10 0 * ? *)",       "cron(0 10 * 13 ? *)",
        "cron(0 10 ? * 8 *)",         "cron(0 10 ? * 0 *)",       "cron(0 10 * * ? 1969)",
        "cron(0 10 * * ? 2200)",      "cron(0 10 ? * NOT *)",     "cron()",
        "cron(0/0 10 * * ? *)",       "cron(, 10 * * ? *)",       "cron(1, 10 * * ? *)",
        "cron(1-  10 * * ? *)",       "cron(? 10 * * ? *)",       "cron(L 10 * * ? *)",
        "cron(0 10 32W * ? *)",       "cron(0 10 W * ? *)",       "cron(0 10 ? * 3#6 *)",
        "cron(0 10 ? * 3#0 *)",       "cron(0 10 ? * 3#1,6#3 *)", "cron(0 10 ? * #1 *)",
        "cron(0 10 * * ? 2026-2020)", "cron(-1 10 * * ? *)",      "cron(0 10 1-L * ? *)",
        "CRON(0 10 * * ? *)",         "cron(0 10 * * ? *",        "cron(INVALID)"})
    EXPECT_FALSE(is_valid(expression)) << expression;
}

TEST(Cron, days_are_found_by_their_place_in_the_month) {
  EXPECT_EQ(next("cron(0 0 L * ? *)", "2028-01-31 00:00", 3),
            "2028-02-29 00:00, 2028-03-31 00:00, 2028-04-30 00:00");
  EXPECT_EQ(next("cron(0 0 ? * 6L *)", "2026-01-01 00:00", 2),
            "2026-01-30 00:00, 2026-02-27 00:00");
  EXPECT_EQ(next("cron(0 0 ? * L *)", "2026-01-01 00:00", 2), "2026-01-03 00:00, 2026-01-10 00:00");
  EXPECT_EQ(next("cron(0 9 ? * 2#1 *)", "2026-01-01 00:00", 2),
            "2026-01-05 09:00, 2026-02-02 09:00");
  EXPECT_EQ(next("cron(0 9 ? * 6#5 *)", "2026-02-01 00:00", 2),
            "2026-05-29 09:00, 2026-07-31 09:00");
  EXPECT_EQ(next("cron(0 0 15W * ? *)", "2026-02-01 00:00", 2),
            "2026-02-16 00:00, 2026-03-16 00:00");
  EXPECT_EQ(next("cron(0 0 1W 8 ? *)", "2026-01-01 00:00"), "2026-08-03 00:00");
  EXPECT_EQ(next("cron(0 0 31W 5 ? *)", "2026-01-01 00:00"), "2026-05-29 00:00");
  EXPECT_EQ(next("cron(0 0 29 2 ? *)", "2026-03-01 00:00", 2),
            "2028-02-29 00:00, 2032-02-29 00:00");
  EXPECT_EQ(next("cron(0 0 30 2 ? *)", "2026-03-01 00:00"), "none");
  EXPECT_EQ(next("cron(59 23 31 12 ? 2199)", "2026-03-01 00:00", 2), "2199-12-31 23:59, none");
  EXPECT_EQ(next("cron(0/30 22-1 ? * SAT-SUN *)", "2026-01-04 00:10", 5),
            "2026-01-04 00:30, 2026-01-04 01:00, 2026-01-04 01:30, 2026-01-04 22:00, "
            "2026-01-04 22:30");
}

TEST(Cron, a_time_that_is_skipped_in_spring_is_left_out) {
  const TimeZone& berlin = zone_of("Europe/Berlin");
  EXPECT_EQ(next("cron(30 2 * * ? *)", "2026-03-27 12:00", 3, berlin),
            "2026-03-28 01:30, 2026-03-30 00:30, 2026-03-31 00:30");
  EXPECT_EQ(next("cron(0 * * * ? *)", "2026-03-28 23:30", 4, berlin),
            "2026-03-29 00:00, 2026-03-29 01:00, 2026-03-29 02:00, 2026-03-29 03:00");
  EXPECT_EQ(next("cron(30 2 * * ? *)", "2026-03-07 12:00", 2, zone_of("America/New_York")),
            "2026-03-09 06:30, 2026-03-10 06:30");
  EXPECT_EQ(next("cron(15 2 * * ? *)", "2026-10-02 12:00", 2, zone_of("Australia/Lord_Howe")),
            "2026-10-02 15:45, 2026-10-04 15:15")
      << "02:00 to 02:30 of October 4 are skipped";
}

TEST(Cron, a_time_that_comes_twice_in_autumn_falls_once) {
  const TimeZone& berlin = zone_of("Europe/Berlin");
  EXPECT_EQ(next("cron(30 2 * * ? *)", "2026-10-24 12:00", 2, berlin),
            "2026-10-25 00:30, 2026-10-26 01:30");
  EXPECT_EQ(next("cron(0/20 * * * ? *)", "2026-10-25 00:10", 4, berlin),
            "2026-10-25 00:20, 2026-10-25 00:40, 2026-10-25 02:00, 2026-10-25 02:20");
  EXPECT_EQ(next("cron(30 1 * * ? *)", "2026-10-31 12:00", 2, zone_of("America/New_York")),
            "2026-11-01 05:30, 2026-11-02 06:30");
  EXPECT_EQ(next("cron(45 1 * * ? *)", "2026-04-03 12:00", 3, zone_of("Australia/Lord_Howe")),
            "2026-04-03 14:45, 2026-04-04 14:45, 2026-04-05 15:15");
}

/// A field of a cron expression with the numbers that it stands for.
struct Choice {
  std::string text;
  std::set<int> numbers;
};

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  int number(int first, int last) {
    return std::uniform_int_distribution<int>(first, last)(random_);
  }

  Choice field(int first, int last) {
    Choice choice;
    const int parts = number(1, 2);
    for (int i = 0; i < parts; ++i) {
      if (i > 0) choice.text += ',';
      add_part(choice, first, last);
    }
    return choice;
  }

 private:
  void add_part(Choice& choice, int first, int last) {
    const int kind = number(0, 5);
    int from = first;
    int to = last;
    int step = 1;
    if (kind == 0) {
      choice.text += '*';
    } else if (kind <= 2) {
      from = to = number(first, last);
      choice.text += fmt::format("{}", from);
    } else if (kind == 3) {
      from = number(first, last);
      to = number(from, last);
      choice.text += fmt::format("{}-{}", from, to);
    } else {
      step = number(1, std::max(1, last / 2));
      from = kind == 4 ? first : number(first, last);
      choice.text += kind == 4 ? fmt::format("*/{}", step) : fmt::format("{}/{}", from, step);
    }
    for (int i = from; i <= to; i += step) choice.numbers.insert(i);
  }

  std::mt19937 random_;
};

TEST(Cron, random_expressions_fall_where_a_look_at_every_minute_finds_them) {
  Maker make(3);
  for (int i = 0; i < 300; ++i) {
    const Choice minute = make.field(0, 59);
    const Choice hour = make.field(0, 23);
    const Choice month = make.field(1, 12);
    const bool by_weekday = make.number(0, 1) == 1;
    const Choice day = by_weekday ? make.field(1, 7) : make.field(1, 31);
    const std::string expression =
        fmt::format("cron({} {} {} {} {} *)", minute.text, hour.text, by_weekday ? "?" : day.text,
                    month.text, by_weekday ? day.text : "?");
    const auto schedule = Schedule::parse(expression, Grammar::rule);
    ASSERT_TRUE(schedule.has_value()) << expression;
    const Time start = at("2027-06-01 00:00") + minutes(make.number(0, 600'000));
    const auto fits = [&](Time time) {
      const auto today = std::chrono::floor<days>(time);
      const std::chrono::year_month_day date(today);
      const auto of_day = static_cast<int>(std::chrono::floor<minutes>(time - today).count());
      const int number = by_weekday ? static_cast<int>(std::chrono::weekday(today).c_encoding()) + 1
                                    : static_cast<int>(static_cast<unsigned>(date.day()));
      return month.numbers.contains(static_cast<int>(static_cast<unsigned>(date.month()))) &&
             day.numbers.contains(number) && hour.numbers.contains(of_day / 60) &&
             minute.numbers.contains(of_day % 60);
    };
    Time time = start;
    std::optional<Time> found = schedule->next_after(time, Time());
    for (int look = 0; look < 30'000; ++look) {
      time += minutes(1);
      if (!fits(time)) continue;
      ASSERT_EQ(found, time) << expression << " after " << text(start);
      found = schedule->next_after(time, Time());
    }
    ASSERT_TRUE(!found || *found > time) << expression;
  }
}

TEST(Cron, on_any_clock_each_time_is_the_first_of_its_name) {
  Maker make(4);
  for (const char* name : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                           "Africa/Casablanca", "Pacific/Apia"}) {
    const TimeZone& zone = zone_of(name);
    for (int i = 0; i < 12; ++i) {
      const Choice minute = make.field(0, 59);
      const Choice hour = make.field(0, 23);
      const std::string expression = fmt::format("cron({} {} * * ? *)", minute.text, hour.text);
      const auto schedule = Schedule::parse(expression, Grammar::scheduler);
      std::set<local_seconds> seen;
      auto time = std::chrono::floor<seconds>(at("2026-01-01 00:00") + days(make.number(0, 365)));
      std::optional<Time> found = schedule->next_after(time, Time(), zone);
      // What the clocks have shown before `time` does not fall again.
      for (int back = 0; back < 180; ++back) seen.insert(zone.to_local(time - minutes(back)));
      for (int look = 0; look < 60 * 24 * 40; ++look) {
        time += minutes(1);
        const local_seconds local = zone.to_local(time);
        const auto of_day = std::chrono::floor<minutes>(local - std::chrono::floor<days>(local));
        const bool fits = seen.insert(local).second &&
                          minute.numbers.contains(static_cast<int>(of_day.count() % 60)) &&
                          hour.numbers.contains(static_cast<int>(of_day.count() / 60));
        if (!fits) continue;
        ASSERT_EQ(found, Time(time)) << expression << " in " << name;
        found = schedule->next_after(time, Time(), zone);
      }
    }
  }
}

}  // namespace
}  // namespace matinee::schedules
