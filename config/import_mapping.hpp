#pragma once

#include "config/problems.hpp"
#include "engine/movement.hpp"
#include "engine/result.hpp"
#include "engine/uuid.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace croupier::config {

/// A text with columns in it: "bet-{bet_id}" is the literal "bet-" followed by the column "bet_id".
struct text_template {
  struct part {
    bool is_column = false;
    std::string text; ///< the column's name, or the literal
    friend bool operator==(const part&, const part&) = default;
  };
  std::vector<part> parts;

  static result<text_template, std::string> parse(std::string_view text);
  friend bool operator==(const text_template&, const text_template&) = default;
};

/// A sum of columns and constants, each with a sign: "bet + profit", "-profit", "1", "{stake amount} - 0.5".
///
///   sum    = ["-"] term { ("+" | "-") term }
///   term   = name | "{" any text but braces "}" | number
///   name   = letter or "_", then letters, digits and "_"
///   number = digits [ "." digits ]
struct column_sum {
  struct term {
    bool negative = false;
    bool is_column = false;
    std::string text; ///< the column's name, or the number
    friend bool operator==(const term&, const term&) = default;
  };
  std::vector<term> terms;

  static result<column_sum, std::string> parse(std::string_view text);
  friend bool operator==(const column_sum&, const column_sum&) = default;
};

/// When a row has something in all of `when_present` and nothing in any of `when_absent`, its movement updates
/// `metric`.
struct mapping_rule {
  std::vector<std::string> when_present;
  std::vector<std::string> when_absent;
  std::string metric;
  value_type how = value_type::relative;
  column_sum value;
};

/// How the rows of a CSV file become movements.
///
/// Grammar (TOML; `?` marks what may be left out):
///
///   brand = UUID
///   player = TEMPLATE
///   request_id = TEMPLATE
///   [[rules]]  metric = CODE  value = SUM  type? = "relative" | "absolute"  when_present? = [COLUMN]
///              when_absent? = [COLUMN]                           1 to 1,000 of them
struct import_mapping {
  uuid brand;
  text_template player;
  text_template request_id; ///< never empty: without it a second import would apply everything again
  std::vector<mapping_rule> rules;
};

/// Reads a mapping file. Either all of it, or everything that is wrong. Whether the columns exist is seen when a file
/// is read with it.
result<import_mapping, problems> parse_import_mapping(std::string_view toml, std::string_view name);
result<import_mapping, problems> load_import_mapping(const std::string& path);

} // namespace croupier::config
