#include "cli/outside_hosts.h"

#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

gateway::OutsideHost read_one(const std::string& given) {
  auto hosts = read_outside_hosts({given});
  EXPECT_TRUE(hosts) << hosts.error();
  return hosts ? hosts->front() : gateway::OutsideHost{};
}

std::string fault(const std::vector<std::string>& given) {
  const auto hosts = read_outside_hosts(given);
  return hosts ? "" : hosts.error();
}

TEST(OutsideHosts, a_target_is_built_in_or_a_place_or_a_url) {
  EXPECT_TRUE(read_one("www.omdbapi.com=omdb").answer);
  const gateway::OutsideHost place = read_one("api.example.com=127.0.0.1:9000");
  EXPECT_EQ(place.name, "api.example.com");
  EXPECT_EQ(place.url, "http://127.0.0.1:9000");
  EXPECT_TRUE(place.keeps_name);
  const gateway::OutsideHost url = read_one("api.example.com=https://mock.test/v1/");
  EXPECT_EQ(url.url, "https://mock.test/v1");
  EXPECT_FALSE(url.keeps_name);
  EXPECT_EQ(read_one("api.example.com=[::1]:9000").url, "http://[::1]:9000");
}

TEST(OutsideHosts, what_is_neither_is_refused_with_what_would_be) {
  EXPECT_EQ(fault({"www.omdbapi.com"}),
            "--host is NAME=TARGET, such as www.omdbapi.com=omdb, and \"www.omdbapi.com\" is not.");
  EXPECT_EQ(fault({"http://a.test=omdb"}),
            "--host: \"http://a.test\" is no name of a host, such as www.omdbapi.com.");
  EXPECT_EQ(fault({"a.test=tmdb"}),
            "--host: a.test leads to omdb, HOST:PORT or a URL such as http://127.0.0.1:9000, and "
            "\"tmdb\" is none of them.");
  EXPECT_EQ(fault({"localhost=omdb"}), "--host: localhost is this machine, for functions too.");
  EXPECT_EQ(fault({"a.test=omdb", "a.test=127.0.0.1:1"}), "--host names a.test twice.");
  for (const char* given :
       {"=omdb", "a b=omdb", "1.2.3.4=omdb", "-a=omdb", "a..b=omdb", "a=", "a=b:0", "a=b:99999",
        "a=:80", "a=http://", "a=http:///x", "a=http://h?q"})
    EXPECT_NE(fault({given}), "") << given;
}

}  // namespace
}  // namespace matinee::cli
