#pragma once

#include "engine/workspace_object.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The words that stand for choices, references and members in files and calls.
namespace croupier::config {

template<class Choice>
using choice_names = std::pair<Choice, std::string_view>;

constexpr std::array metric_type_names{choice_names<metric_type>{metric_type::integer, "integer"},
                                       choice_names<metric_type>{metric_type::decimal, "decimal"}};
constexpr const auto& names_of(metric_type) noexcept {
  return metric_type_names;
}

constexpr std::array meaning_names{choice_names<metric_meaning>{metric_meaning::none, "none"},
                                   choice_names<metric_meaning>{metric_meaning::deposits, "deposits"},
                                   choice_names<metric_meaning>{metric_meaning::deposit_count, "deposit_count"},
                                   choice_names<metric_meaning>{metric_meaning::withdrawals, "withdrawals"},
                                   choice_names<metric_meaning>{metric_meaning::chargebacks, "chargebacks"},
                                   choice_names<metric_meaning>{metric_meaning::bonuses, "bonuses"},
                                   choice_names<metric_meaning>{metric_meaning::wagered, "wagered"},
                                   choice_names<metric_meaning>{metric_meaning::won, "won"},
                                   choice_names<metric_meaning>{metric_meaning::ngr, "ngr"},
                                   choice_names<metric_meaning>{metric_meaning::ggr, "ggr"}};
constexpr const auto& names_of(metric_meaning) noexcept {
  return meaning_names;
}

constexpr std::array ngr_mode_names{choice_names<ngr_mode>{ngr_mode::increment, "increment"},
                                    choice_names<ngr_mode>{ngr_mode::month_to_date, "month_to_date"}};
constexpr const auto& names_of(ngr_mode) noexcept {
  return ngr_mode_names;
}

constexpr std::array carryover_names{choice_names<carryover_rule>{carryover_rule::carry, "carry"},
                                     choice_names<carryover_rule>{carryover_rule::reset, "reset"},
                                     choice_names<carryover_rule>{carryover_rule::capped, "capped"}};
constexpr const auto& names_of(carryover_rule) noexcept {
  return carryover_names;
}

constexpr std::array netting_names{
    choice_names<netting_scope>{netting_scope::affiliate, "affiliate"},
    choice_names<netting_scope>{netting_scope::affiliate_and_brand, "affiliate_and_brand"}};
constexpr const auto& names_of(netting_scope) noexcept {
  return netting_names;
}

constexpr std::array measure_names{choice_names<tier_measure>{tier_measure::period_base, "period_base"},
                                   choice_names<tier_measure>{tier_measure::first_deposits, "first_deposits"},
                                   choice_names<tier_measure>{tier_measure::active_players, "active_players"}};
constexpr const auto& names_of(tier_measure) noexcept {
  return measure_names;
}

constexpr std::array tier_mode_names{choice_names<tier_mode>{tier_mode::retroactive, "retroactive"},
                                     choice_names<tier_mode>{tier_mode::incremental, "incremental"}};
constexpr const auto& names_of(tier_mode) noexcept {
  return tier_mode_names;
}

constexpr std::array approval_names{choice_names<cpa_approval>{cpa_approval::after_hold, "after_hold"},
                                    choice_names<cpa_approval>{cpa_approval::by_hand, "by_hand"}};
constexpr const auto& names_of(cpa_approval) noexcept {
  return approval_names;
}

constexpr std::array environment_names{choice_names<key_environment>{key_environment::live, "live"},
                                       choice_names<key_environment>{key_environment::staging, "staging"}};
constexpr const auto& names_of(key_environment) noexcept {
  return environment_names;
}

constexpr std::array destination_names{choice_names<destination_kind>{destination_kind::webhook, "webhook"},
                                       choice_names<destination_kind>{destination_kind::file, "file"},
                                       choice_names<destination_kind>{destination_kind::nats, "nats"},
                                       choice_names<destination_kind>{destination_kind::postback, "postback"}};
constexpr const auto& names_of(destination_kind) noexcept {
  return destination_names;
}

constexpr std::array dialect_names{choice_names<dialect>{dialect::trackdesk, "trackdesk"},
                                   choice_names<dialect>{dialect::revvvs, "revvvs"},
                                   choice_names<dialect>{dialect::wynta, "wynta"}};
constexpr const auto& names_of(dialect) noexcept {
  return dialect_names;
}

constexpr std::array value_type_names{choice_names<value_type>{value_type::relative, "relative"},
                                      choice_names<value_type>{value_type::absolute, "absolute"}};
constexpr const auto& names_of(value_type) noexcept {
  return value_type_names;
}

constexpr std::array test_names{choice_names<mapping_test>{mapping_test::present, "present"},
                                choice_names<mapping_test>{mapping_test::absent, "absent"},
                                choice_names<mapping_test>{mapping_test::equals, "equals"},
                                choice_names<mapping_test>{mapping_test::differs, "differs"}};
constexpr const auto& names_of(mapping_test) noexcept {
  return test_names;
}

constexpr std::array scope_names{
    choice_names<scope>{scope::movements_write, "movements:write"},
    choice_names<scope>{scope::events_write, "events:write"}, choice_names<scope>{scope::read, "read"},
    choice_names<scope>{scope::billing, "billing"}, choice_names<scope>{scope::admin, "admin"}};
constexpr const auto& names_of(scope) noexcept {
  return scope_names;
}

template<class T>
concept choice = std::is_enum_v<T> && requires(T value) {
  names_of(value);
};

template<choice Choice>
constexpr std::string_view name_of_choice(Choice value) noexcept {
  for (const auto& [one, name] : names_of(Choice{}))
    if (one == value) return name;
  return {};
}

template<choice Choice>
constexpr std::optional<Choice> find_choice(std::string_view wanted) noexcept {
  for (const auto& [one, name] : names_of(Choice{}))
    if (name == wanted) return one;
  return std::nullopt;
}

/// "`a`, `b` or `c`", with `quote` on both sides of each.
template<choice Choice>
std::string choices_in_words(std::string_view quote) {
  const auto& all = names_of(Choice{});
  std::string words;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) words += i + 1 == all.size() ? " or " : ", ";
    words.append(quote).append(all[i].second).append(quote);
  }
  return words;
}

/// The kinds of objects that others refer to.
enum class ref_kind : std::uint8_t { brand, metric, affiliate, offer, marketing_source, creative };
inline constexpr std::size_t ref_kinds = 6;

constexpr ref_kind kind_of(brand_number) noexcept {
  return ref_kind::brand;
}
constexpr ref_kind kind_of(metric_number) noexcept {
  return ref_kind::metric;
}
constexpr ref_kind kind_of(affiliate_number) noexcept {
  return ref_kind::affiliate;
}
constexpr ref_kind kind_of(offer_number) noexcept {
  return ref_kind::offer;
}
constexpr ref_kind kind_of(source_number) noexcept {
  return ref_kind::marketing_source;
}
constexpr ref_kind kind_of(creative_number) noexcept {
  return ref_kind::creative;
}

template<class T>
concept reference = requires(T number) {
  kind_of(number);
};

/// "marketing source".
std::string_view words_for(ref_kind kind) noexcept;

/// Whose names a member goes by.
enum class naming : std::uint8_t {
  file, ///< `marketing_source`, by name, code or id
  api   ///< `marketingSourceId`, by id
};

/// A member's name in calls: camelCase, and references end in `Id` or `Ids`.
std::string api_name(std::string_view file_name);

/// The same for a path such as "revshare.tiers[0].rate_percent".
std::string api_path(std::string_view file_path);

} // namespace croupier::config
