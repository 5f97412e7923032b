#include "schedules/time_zone.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>

#include <random>

#include "schedules/zones_fixture.h"

namespace matinee::schedules {
namespace {

using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;

local_seconds local(int in_year, unsigned month, unsigned day, minutes time) {
  return local_days(year(in_year) / month / day) + time;
}
sys_seconds utc(int in_year, unsigned month, unsigned day, minutes time) {
  return sys_days(year(in_year) / month / day) + time;
}

TEST(TimeZone, utc_needs_no_database) {
  TimeZones zones([](const std::string&) { return std::nullopt; });
  const auto zone = zones.find("UTC");
  ASSERT_TRUE(zone.has_value());
  EXPECT_EQ((*zone)->offset_at(utc(2026, 7, 1, hours(0))), seconds(0));
}

TEST(TimeZone, a_machine_without_a_database_says_what_to_install) {
  TimeZones zones([](const std::string&) { return std::nullopt; });
  const auto zone = zones.find("Europe/Berlin");
  ASSERT_FALSE(zone.has_value());
  EXPECT_EQ(zone.error().kind, ZoneError::Kind::no_database);
  EXPECT_NE(zone.error().message.find("tzdata"), std::string::npos);
}

TEST(TimeZone, unknown_names_and_other_files_are_no_zones) {
  TimeZones zones(read_zone_file);
  for (const char* name :
       {"Europe/Nowhere", "", "europe/berlin", "../../../etc/passwd", "Europe", "/etc/localtime",
        "zone.tab", "tzdata.zi", "posix/Europe/Berlin", "Europe/Berlin/", "Europe//Berlin/.."}) {
    const auto zone = zones.find(name);
    ASSERT_FALSE(zone.has_value()) << name;
    EXPECT_EQ(zone.error().kind, ZoneError::Kind::unknown) << name;
  }
}

TEST(TimeZone, a_damaged_file_is_no_zone) {
  const std::string file = read_zone_file("Europe/Berlin").value();
  EXPECT_TRUE(TimeZone::parse(file).has_value());
  for (std::size_t size = 0; size < file.size() - 1; ++size) TimeZone::parse(file.substr(0, size));
  EXPECT_FALSE(TimeZone::parse(file.substr(0, file.size() / 2)).has_value());
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = file;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    if (const auto zone = TimeZone::parse(damaged)) zone->offset_at(utc(2050, 1, 1, hours(0)));
  }
}

TEST(TimeZone, times_that_are_skipped_do_not_exist_and_those_that_repeat_come_first) {
  const TimeZone& berlin = zone_of("Europe/Berlin");
  EXPECT_EQ(berlin.first_time(local(2026, 3, 29, minutes(119))), utc(2026, 3, 29, minutes(59)));
  EXPECT_EQ(berlin.first_time(local(2026, 3, 29, minutes(120))), std::nullopt);
  EXPECT_EQ(berlin.first_time(local(2026, 3, 29, minutes(179))), std::nullopt);
  EXPECT_EQ(berlin.first_time_or_later(local(2026, 3, 29, minutes(150))),
            utc(2026, 3, 29, minutes(90)))
      << "03:30";
  EXPECT_EQ(berlin.first_time(local(2026, 3, 29, hours(3))), utc(2026, 3, 29, hours(1)));
  EXPECT_EQ(berlin.first_time(local(2026, 10, 25, minutes(150))), utc(2026, 10, 25, minutes(30)));
  EXPECT_EQ(berlin.first_time(local(2026, 10, 25, hours(3))), utc(2026, 10, 25, hours(2)));
}

TEST(TimeZone, the_rule_goes_on_when_the_list_has_ended) {
  const TimeZone& york = zone_of("America/New_York");
  EXPECT_EQ(york.offset_at(utc(2150, 1, 10, hours(0))), hours(-5));
  EXPECT_EQ(york.offset_at(utc(2150, 7, 10, hours(0))), hours(-4));
  const TimeZone& howe = zone_of("Australia/Lord_Howe");
  EXPECT_EQ(howe.offset_at(utc(2150, 1, 10, hours(0))), hours(11));
  EXPECT_EQ(howe.offset_at(utc(2150, 7, 10, hours(0))), minutes(630));
}

TEST(TimeZone, offsets_are_those_of_the_system) {
  std::mt19937_64 random(2);
  const char* const before = getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  for (const char* name :
       {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
        "Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "Europe/Dublin", "Etc/GMT+5",
        "Antarctica/Troll", "America/Nuuk", "Asia/Tehran"}) {
    const TimeZone& zone = zone_of(name);
    setenv("TZ", name, 1);
    tzset();
    for (int i = 0; i < 2000; ++i) {
      const auto time = static_cast<time_t>(random() % (140ULL * 365 * 86400));
      tm broken{};
      localtime_r(&time, &broken);
      ASSERT_EQ(zone.offset_at(sys_seconds(seconds(time))).count(), broken.tm_gmtoff)
          << name << " at " << time;
    }
  }
  kept.empty() ? unsetenv("TZ") : setenv("TZ", kept.c_str(), 1);
  tzset();
}

}  // namespace
}  // namespace matinee::schedules
